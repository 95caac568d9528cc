// What `inspect` found out, and how it says it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/checkup.h"
#include "family/family.h"
#include "session/result.h"
#include "text/tokenizer.h"

namespace unmask {

struct Inspection {
  std::shared_ptr<const Checkpoint> checkpoint;
  ModelFacts facts;                      ///< mask and end ids as the tokenizer completes them
  std::unique_ptr<Tokenizer> tokenizer;  ///< null where it cannot be loaded
  std::string chat_format;               ///< "" for none
  Checkup checkup;                       ///< its problems are those of the text half too
};

OrderedJson inspection_json(const Inspection& found);
std::string inspection_text(const Inspection& found);

}  // namespace unmask
