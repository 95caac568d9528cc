// The forward cases of a fixture, whichever of the two formats its cases.json has.
#pragma once

#include <string>
#include <vector>

#include "model/model.h"
#include "support/fixture.h"

namespace unmask::testing {

/// One sequence of a case, without its padding.
struct ForwardRow {
  std::vector<int> ids;
  std::vector<int> positions;
  std::vector<int> in_golden;  ///< where each id stands in the golden's row
  std::vector<int> all;        ///< 0, 1, 2, ...: every index is to be predicted
  double noise_level = 0;

  Request request(Attention attention) const;
};

struct ForwardCase {
  std::string name;
  std::vector<ForwardRow> rows;
  Attention attention;
  std::string logits;               ///< name of the golden, [rows, tokens, vocab]
  std::vector<std::string> hidden;  ///< embedding, layers and final norm; empty: not recorded
  double atol = 0, rtol = 0;
};

/// All of them but the sequences of cached passes, which cached_steps() has.
std::vector<ForwardCase> forward_cases(const Fixture& fixture);

/// Whether the model's logits for the case are the golden's: "" or the first difference.
std::string compare_logits(const Fixture& fixture, const Model& model,
                           const ForwardCase& test_case);

}  // namespace unmask::testing
