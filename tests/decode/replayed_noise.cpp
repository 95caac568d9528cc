#include "decode/replayed_noise.h"

#include <ATen/ATen.h>

#include <cstring>

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

}  // namespace unmask::testing
