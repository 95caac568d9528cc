#include "decode/scripted_network.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace unmask::testing {

at::Tensor scripted_logits(const ScriptedNetwork& network, const Canvas& canvas,
                           const std::vector<int>& rows, int vocab) {
  std::vector<at::Tensor> logits;
  for (const int position : rows) {
    const auto [token, probability] = network(canvas, position);
    const at::Tensor row = at::full({vocab}, std::log((1 - probability) / (vocab - 1)), at::kFloat);
    row[token] = std::log(probability);
    logits.push_back(row);
  }
  return at::stack(logits);
}

std::vector<ScriptedStep> run_scripted(Rule& rule, Canvas& canvas, const ScriptedNetwork& network,
                                       int vocab) {
  SeededNoise noise(1);
  std::vector<ScriptedStep> steps;
  while (const std::optional<Wants> wants = rule.wants(canvas)) {
    EXPECT_LT(steps.size(), static_cast<std::size_t>(rule.steps()));
    if (steps.size() >= static_cast<std::size_t>(rule.steps())) break;
    const Edit edit =
        rule.step(canvas, scripted_logits(network, canvas, wants->rows, vocab), noise);
    canvas.apply(edit);
    steps.push_back({*wants, edit, {canvas.ids().begin(), canvas.ids().end()}});
  }
  return steps;
}

}  // namespace unmask::testing
