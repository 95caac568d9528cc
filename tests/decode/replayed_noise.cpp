#include "decode/replayed_noise.h"

#include <ATen/ATen.h>

#include <cstring>
#include <stdexcept>

namespace unmask::testing {

ReplayedNoise::ReplayedNoise(std::vector<at::Tensor> draws) : draws_(std::move(draws)) {
  for (at::Tensor& draw : draws_) draw = draw.to(at::kDouble).contiguous();
}

double ReplayedNoise::uniform(Purpose, int step, int position) {
  if (step != step_) next_ = 0;
  step_ = step;
  const at::Tensor& draw = draws_.at(step);
  return draw.dim() == 1 ? draw[next_++].item<double>() : draw[0][position].item<double>();
}

void ReplayedNoise::uniforms(Purpose, int step, int position, std::span<double> out) {
  const at::Tensor row = draws_.at(step)[0][position];
  std::memcpy(out.data(), row.data_ptr<double>(), out.size_bytes());
}

ReplayedRace::ReplayedRace(const at::Tensor& uniforms, at::ScalarType precision)
    : uniforms_(uniforms.to(precision)), precision_(precision) {}

double ReplayedRace::uniform(Purpose, int, int) {
  throw std::logic_error("the reference drew no single number");
}

void ReplayedRace::uniforms(Purpose, int, int, std::span<double>) {
  throw std::logic_error("the reference drew tokens only");
}

int ReplayedRace::draw(int step, int position, const Choice& choice) {
  std::vector<std::int64_t> ids(choice.ids.begin(), choice.ids.end());
  std::vector<double> weights;
  for (const float share : choice.shares) weights.push_back(choice.scale * share);
  ids.push_back(choice.other);
  weights.push_back(choice.other_weight);
  const at::Tensor numbers = uniforms_[step][position % uniforms_.size(1)];
  const at::Tensor clocks = 1e-10 - (numbers.index_select(0, at::tensor(ids)) + 1e-10).log();
  const at::Tensor winner = (at::tensor(weights).to(precision_) / clocks).argmax();
  return static_cast<int>(ids[winner.item<std::int64_t>()]);
}

}  // namespace unmask::testing
