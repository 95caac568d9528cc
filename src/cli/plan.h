// What will happen: everything about a run that is known before the weights are opened.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/args.h"
#include "family/family.h"
#include "text/tokenizer.h"

namespace unmask {

struct Plan {
  std::filesystem::path folder;
  ModelFacts facts;                      ///< mask and end ids as overridden
  std::string chat_format;               ///< name of the one that was applied; "" for none
  std::unique_ptr<Tokenizer> tokenizer;  ///< null with --ids where the checkpoint has none
  std::vector<int> prompt;               ///< token ids
  std::vector<int> open;                 ///< indices into `prompt` that are to be filled
  bool from_ids = false;                 ///< the prompt came as --ids
  DecodeOptions options;
  int vocab = 0;           ///< ids at or above are never written; 0: as config.json says
  std::uint64_t seed = 0;  ///< of the first draft
  int num = 1;             ///< drafts
  std::vector<std::string> stops;
  double deadline = 0;   ///< seconds from the start of the command; 0: none
  int max_forwards = 0;  ///< 0: no limit
  EngineOptions engine;
};

/// Resolves a `generate` command; reads the configuration, the tokenizer and the prompt.
/// Precedence of options: flag, --preset, the checkpoint's generation_config.json, the family.
Plan make_plan(const Args& args);

/// The same of what `logits` and `generate` share: family, threads, number format, device.
EngineOptions engine_options(const Args& args, const std::filesystem::path& folder);

}  // namespace unmask
