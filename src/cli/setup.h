// What is the same for every prompt of a run: model, tokenizer, chat format, machine.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "cli/args.h"
#include "family/family.h"
#include "text/chat_format.h"
#include "text/tokenizer.h"

namespace unmask {

struct Setup {
  std::filesystem::path folder;
  ModelFacts facts;                            ///< mask and end ids as overridden
  std::optional<ChatFormat> format;            ///< for text prompts; nullopt: as they stand
  std::shared_ptr<const Tokenizer> tokenizer;  ///< null where the checkpoint has none
  EngineOptions engine;
};

/// Finds the model and reads its configuration and its tokenizer; opens no weights. A checkpoint
/// without a tokenizer is refused where the prompt is text for sure.
std::shared_ptr<const Setup> make_setup(const Args& args);

/// The part of it that `logits` needs too: family, threads, number format, device.
EngineOptions engine_options(const Args& args, const std::filesystem::path& folder);

}  // namespace unmask
