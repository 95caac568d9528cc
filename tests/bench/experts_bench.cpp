// A pass over a mixture of experts against nothing but the matrix products of the experts that its
// tokens go to:
//   bench_experts FOLDER [TOKENS] [f32|bf16]
// FOLDER is a checkpoint all of whose layers have experts, for example of random_checkpoint.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <numeric>
#include <string>

#include "model/experts.h"
#include "model/model.h"
#include "unmask/error.h"

namespace unmask {
namespace {

using Clock = std::chrono::steady_clock;

/// The median of five, after one to warm up, in milliseconds.
template <typename Work>
double milliseconds(const Work& work) {
  work();
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) {
    const auto begin = Clock::now();
    work();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  std::sort(times.begin(), times.end());
  return times[2];
}

/// The matrix products of one layer for tokens with that routing.
void multiply(const std::vector<Expert>& experts, const at::Tensor& x, const at::Tensor& counts) {
  for (std::size_t i = 0; i < experts.size(); ++i) {
    const auto tokens = counts[static_cast<std::int64_t>(i)].item<std::int64_t>();
    if (tokens > 0) experts[i](x.slice(0, 0, tokens));
  }
}

int run(const std::filesystem::path& folder, int tokens, ComputeType dtype) {
  const c10::InferenceMode inference;
  const auto checkpoint = Checkpoint::open(folder);
  const ModelFacts facts = read_facts(*checkpoint, "");
  const ModelSpec& spec = facts.spec;
  const auto begin = Clock::now();
  const Model model(checkpoint, facts, dtype);
  std::cout << "load " << std::chrono::duration<double>(Clock::now() - begin).count() << " s\n";

  std::vector<int> ids(tokens), rows(tokens);
  for (int i = 0; i < tokens; ++i) ids[i] = static_cast<int>(i * 7919LL % spec.vocab_rows);
  std::iota(rows.begin(), rows.end(), 0);
  const Request request{.ids = ids, .rows = rows};
  const double pass = milliseconds([&] { model.predict({&request, 1}); });

  const at::ScalarType type = dtype == ComputeType::bf16 ? at::kBFloat16 : at::kFloat;
  const TensorSource source(checkpoint, {.type = type});
  const LayerNames& names = spec.names.in_layer;
  const at::Tensor x = at::randn({tokens, spec.hidden}).to(type);
  double products = 0;
  std::int64_t active = 0;
  for (int layer = 0; layer < spec.layers; ++layer) {
    const std::string prefix = numbered(spec.names.layer, layer);
    std::vector<Expert> experts;
    for (int i = 0; i < spec.experts.count; ++i) {
      experts.emplace_back(source, prefix + numbered(names.expert, i), names);
    }
    const auto router = source.wide().matrix(prefix + names.router + ".weight");
    const Routing routing = route(spec.experts, router->times(widened(x)), std::nullopt);
    const at::Tensor counts = routing.experts.flatten().bincount({}, spec.experts.count);
    active += counts.gt(0).sum().item<std::int64_t>();
    products += milliseconds([&] { multiply(experts, x, counts); });
  }
  std::cout << tokens << " tokens, " << active << " active experts in " << spec.layers
            << " layers: pass " << pass << " ms, their products alone " << products << " ms, ratio "
            << pass / products << '\n';
  return 0;
}

}  // namespace
}  // namespace unmask

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words.size() > 3) {
    std::cerr << "usage: bench_experts FOLDER [TOKENS] [f32|bf16]\n";
    return 2;
  }
  try {
    const int tokens = words.size() > 1 ? std::stoi(words[1]) : 32;
    const bool bf16 = words.size() > 2 && words[2] == "bf16";
    return unmask::run(words[0], tokens,
                       bf16 ? unmask::ComputeType::bf16 : unmask::ComputeType::f32);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
