// Runs a rule on a network that is a function of ours, without a model.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "decode/canvas.h"
#include "decode/rule.h"

namespace unmask::testing {

/// The token that the network says for a position, and how sure it is.
struct Said {
  int token;
  double probability;
};

/// What is said at a position of the canvas.
using ScriptedNetwork = std::function<Said(const Canvas& canvas, int position)>;

/// Logits for the wanted rows: `token` has the probability said, the other ids share the rest.
at::Tensor scripted_logits(const ScriptedNetwork& network, const Canvas& canvas,
                           const std::vector<int>& rows, int vocab);

/// What the rule asked for and did.
struct ScriptedStep {
  Wants wants;
  Edit edit;
  std::vector<int> ids;  ///< the canvas afterwards
};

/// Runs the rule to its end, at most its number of steps; ids are below `vocab`.
std::vector<ScriptedStep> run_scripted(Rule& rule, Canvas& canvas, const ScriptedNetwork& network,
                                       int vocab);

}  // namespace unmask::testing
