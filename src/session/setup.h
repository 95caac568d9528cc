// What is the same for every prompt of a run: model, tokenizer, chat format, machine.
#pragma once

#include <memory>
#include <optional>

#include "checkpoint/checkpoint.h"
#include "family/family.h"
#include "session/settings.h"
#include "text/chat_format.h"
#include "text/tokenizer.h"

namespace unmask {

/// Which prompts a run will have: what is needed of the checkpoint's text half follows from it.
enum class Prompts {
  none,  ///< the network is asked directly: nothing of it
  ids,   ///< no chat format, and a tokenizer only where there is one
  text,  ///< a tokenizer
  any,   ///< both may come: a tokenizer only where there is one
};

struct Setup {
  std::shared_ptr<const Checkpoint> checkpoint;
  ModelFacts facts;                            ///< mask and end ids as overridden
  std::optional<ChatFormat> format;            ///< for text prompts; nullopt: as they stand
  std::shared_ptr<const Tokenizer> tokenizer;  ///< null where the checkpoint has none
  EngineOptions engine;
};

/// Finds the model and reads its configuration and its tokenizer; opens no weights. A checkpoint
/// without a tokenizer is refused where the prompt is text for sure. `is_conversation`: the prompt
/// is one, which needs a chat format.
std::shared_ptr<const Setup> make_setup(const Settings& settings, Prompts prompts,
                                        bool is_conversation = false);

}  // namespace unmask
