// The generate cases of the fixtures, whatever reference they come from, in this program's terms.
// For both halves: no libtorch here.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace unmask::testing {

using Ids = std::vector<int>;

/// Decoding options by the names of their flags: {{"length", "16"}, {"no-end", "on"}}.
using Options = std::vector<std::pair<std::string, std::string>>;

/// One sequence of a case.
struct ReferenceRow {
  Ids prompt;  ///< without padding; mask ids among them are to be filled
  /// The canvas after each step that changed it, prompt included, without padding. Where the
  /// reference's buffer grows block by block, what it does not have yet is masked.
  std::vector<Ids> states;
  Ids canvas;  ///< at the end: the last of the states
  /// What it returns, where that is not the canvas: the generated tokens up to the end token.
  std::optional<Ids> answer;
  Options options;  ///< on top of those of the case
};

/// One run of a reference's generate function.
struct ReferenceCase {
  std::string name;
  std::string algorithm;  ///< "llada2", "sdar", "dllm-bd3lm", ...
  int mask_id = 0;
  std::vector<int> end_ids;
  std::optional<bool> logit_shift;  ///< where the case sets it
  /// Its parameters as decoding options, by the names of their flags, on top of `preset`.
  std::string preset;
  Options options;
  int forwards = 0;  ///< calls of the network that the reference made, those for its cache left out
  bool binding = true;   ///< false: the reference's own bug decided; to be reported, not required
  bool coupled = false;  ///< rows of the batch influence each other
  std::vector<ReferenceRow> rows;
};

/// The cases of a section of tests/fixtures/NAME/cases.json, without those whose tokens are drawn
/// from uniforms of their own: those of `generate` are deterministic. Throws std::runtime_error for
/// an algorithm or a parameter that no flag is known for.
std::vector<ReferenceCase> reference_cases(const std::string& fixture,
                                           const std::string& section = "generate");

}  // namespace unmask::testing
