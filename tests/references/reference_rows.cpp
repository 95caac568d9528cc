#include "references/reference_rows.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace unmask::testing {
namespace {

/// A canvas of `size` positions from what a reference's buffer holds from `begin` on: what it does
/// not have yet is masked, what it has beyond is padding.
Ids canvas_of(const Ids& buffer, std::size_t begin, std::size_t size, int mask_id) {
  Ids canvas(buffer.begin() + static_cast<std::ptrdiff_t>(std::min(begin, buffer.size())),
             buffer.begin() + static_cast<std::ptrdiff_t>(std::min(begin + size, buffer.size())));
  canvas.resize(size, mask_id);
  return canvas;
}

/// Row `row` of an int64 tensor [steps, rows, tokens].
std::vector<Ids> tensor_states(const TensorView& tensor, std::size_t row) {
  const auto steps = static_cast<std::size_t>(tensor.shape[0]);
  const auto rows = static_cast<std::size_t>(tensor.shape[1]);
  const auto tokens = static_cast<std::size_t>(tensor.shape[2]);
  std::vector<Ids> states;
  for (std::size_t step = 0; step < steps; ++step) {
    std::vector<std::int64_t> ids(tokens);
    std::memcpy(ids.data(), tensor.bytes.data() + (step * rows + row) * tokens * sizeof ids[0],
                tokens * sizeof ids[0]);
    states.emplace_back(ids.begin(), ids.end());
  }
  return states;
}

/// Cases whose trajectories are tensors; prompts are padded on the left.
void read_tensor_rows(const Json& json, const SafetensorsFile& goldens, ReferenceCase& reference) {
  const TensorView& trajectory = goldens.tensors().at(json.at("trajectory").get<std::string>());
  const bool answers_only = reference.algorithm == "llada2" || reference.algorithm == "llada21";
  reference.forwards = json.at("num_model_calls");
  for (std::size_t i = 0; i < json.at("prompt_ids").size(); ++i) {
    const Ids padded = json.at("prompt_ids")[i];
    std::size_t padding = 0;
    if (const Json masks = json.value("attention_mask", Json()); !masks.is_null()) {
      const Ids mask = masks[i];
      padding = static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 0));
    }
    ReferenceRow row;
    row.prompt.assign(padded.begin() + static_cast<std::ptrdiff_t>(padding), padded.end());
    const auto tokens = static_cast<std::size_t>(trajectory.shape[2]);
    set_states(row, tensor_states(trajectory, i), padding, tokens - padding, reference.mask_id);
    if (answers_only) row.answer = json.at("output_ids")[i].get<Ids>();
    reference.rows.push_back(row);
  }
}

/// Row `row` of [steps][rows][tokens].
std::vector<Ids> listed_states(const Json& lists, std::size_t row) {
  std::vector<Ids> states;
  for (const Json& step : lists) states.push_back(step[row].get<Ids>());
  return states;
}

/// Batches whose trajectories are lists. dllm pads MDLM's rows on the right and BD3LM's on the
/// left.
void read_listed_rows(const Json& json, ReferenceCase& reference) {
  const Json& lists =
      json.at(json.contains("histories") ? "histories" : "trajectory_after_each_step");
  const bool left = reference.preset == "dllm-bd3lm";
  // One call for each step; dllm also lists the canvas before the first one.
  reference.forwards = json.contains("forward_steps") ? json.at("forward_steps").get<int>()
                                                      : static_cast<int>(lists.size());
  for (std::size_t i = 0; i < json.at("prompts").size(); ++i) {
    ReferenceRow row;
    row.prompt = json.at("prompts")[i].get<Ids>();
    const std::size_t size = row.prompt.size() + added_tokens(reference);
    const std::size_t padding = left ? lists[0][i].size() - row.prompt.size() : 0;
    std::vector<Ids> states = listed_states(lists, i);
    states.push_back(json.at("expected")[i].get<Ids>());
    set_states(row, states, padding, size, reference.mask_id);
    reference.rows.push_back(row);
  }
}

/// dllm shares the steps of an infill out over the blocks of the batch's longest row; a shorter row
/// alone has fewer blocks, so that the same number for each of them is another sum.
void adjust_infill_steps(const Json& json, ReferenceCase& reference) {
  if (reference.algorithm != "dllm.MDLMSampler.infill") return;
  const Json length = json.at("params").at("block_size");
  if (length.is_null()) return;
  const int block = length, steps = json.at("params").at("steps");
  const auto blocks_of = [&](std::size_t tokens) {
    return (static_cast<int>(tokens) + block - 1) / block;
  };
  int most = 0;
  for (const ReferenceRow& row : reference.rows) {
    most = std::max(most, blocks_of(row.prompt.size()));
  }
  for (ReferenceRow& row : reference.rows) {
    const int per_block = (steps + most - 1) / most;
    row.options = {{"steps", std::to_string(per_block * blocks_of(row.prompt.size()))}};
  }
}

}  // namespace

void set_states(ReferenceRow& row, const std::vector<Ids>& buffers, std::size_t begin,
                std::size_t size, int mask_id) {
  row.states = {canvas_of(row.prompt, 0, size, mask_id)};
  for (const Ids& buffer : buffers) row.states.push_back(canvas_of(buffer, begin, size, mask_id));
  row.states.erase(std::unique(row.states.begin(), row.states.end()), row.states.end());
  row.canvas = row.states.back();
  row.states.erase(row.states.begin());  // nothing had happened yet
}

std::size_t added_tokens(const ReferenceCase& reference) {
  for (const auto& [name, value] : reference.options) {
    if (name == "length") return std::stoul(value);
  }
  throw std::runtime_error(reference.name + " has no length");
}

void read_rows(const Json& json, const SafetensorsFile& goldens, ReferenceCase& reference) {
  if (json.contains("prompt_ids")) {
    read_tensor_rows(json, goldens, reference);
  } else if (json.contains("prompts")) {
    read_listed_rows(json, reference);
    adjust_infill_steps(json, reference);
  } else if (reference.preset == "sdar") {
    read_sdar_row(json, reference);
  } else if (reference.preset == "rnd1") {
    read_rnd1_row(json, reference);
  } else {
    read_fast_dllm_v2_row(json, reference);
  }
}

}  // namespace unmask::testing
