// References that write one sequence.
#include <algorithm>

#include "references/reference_rows.h"

namespace unmask::testing {
namespace {

using States = std::vector<Ids>;

/// RND1's canvas: prefix, masks, suffix, padding; the last position is never written.
Ids rnd1_canvas(const Json& json) {
  const Json& params = json.at("params");
  const auto ids_of = [&](const char* name) {
    return params.at(name).is_null() ? Ids{} : params.at(name).get<Ids>();
  };
  const Ids prefix = ids_of("prefix_ids"), suffix = ids_of("suffix_ids");
  const std::size_t size = params.at("seq_len");
  std::size_t open = size - prefix.size() - suffix.size() - 1;
  if (!params.at("infill_length").is_null())
    open = std::min(open, params.at("infill_length").get<std::size_t>());
  Ids canvas = prefix;
  canvas.insert(canvas.end(), open, json.at("mask_id").get<int>());
  canvas.insert(canvas.end(), suffix.begin(), suffix.end());
  canvas.resize(size, json.at("pad_id"));
  if (params.at("add_eos_at_end")) canvas.back() = json.at("eos_id");
  return canvas;
}

}  // namespace

void read_sdar_row(const Json& json, ReferenceCase& reference) {
  ReferenceRow row;
  row.prompt = json.at("prompt").get<Ids>();
  const Ids expected = json.at("expected");
  States states = json.at("trajectory_after_each_denoising_step").get<States>();
  states.push_back(expected);
  set_states(row, states, 0, expected.size(), reference.mask_id);
  reference.forwards = json.at("forwards_denoise");
  reference.rows = {row};
}

void read_rnd1_row(const Json& json, ReferenceCase& reference) {
  ReferenceRow row;
  row.prompt = rnd1_canvas(json);
  States states =
      json.at("trajectory_initial_then_after_each_of_steps_1_to_n_minus_1").get<States>();
  // One call for each state with something open.
  for (const Ids& state : states) {
    reference.forwards += std::find(state.begin(), state.end(), reference.mask_id) != state.end();
  }
  states.push_back(json.at("expected").get<Ids>());
  set_states(row, states, 0, row.prompt.size(), reference.mask_id);
  reference.binding = json.at("binding");
  reference.rows = {row};
}

/// Fast-dLLM v2 lists the canvas after each step within a block. The first token of a block is
/// written together with the masks after it, which the list does not show.
void read_fast_dllm_v2_row(const Json& json, ReferenceCase& reference) {
  ReferenceRow row;
  row.prompt = json.at("prompt").get<Ids>();
  const Ids expected = json.at("expected");
  const auto listed = json.at("trajectory_after_each_step").get<States>();
  const std::size_t size = row.prompt.size() + added_tokens(reference);
  States states;
  std::size_t tokens = row.prompt.size();
  const std::size_t block = json.at("params").at("block_size");
  reference.forwards = static_cast<int>(listed.size());
  for (const Ids& state : listed) {
    if (state.size() > tokens && tokens % block == 0) {
      states.emplace_back(state.begin(), state.begin() + static_cast<std::ptrdiff_t>(tokens) + 1);
      ++reference.forwards;
    }
    tokens = state.size();
    states.push_back(state);
  }
  if (expected.size() == size) {  // not stopped: the token after the last block
    states.push_back(expected);
    ++reference.forwards;
  } else {
    row.answer = Ids(expected.begin() + std::ssize(row.prompt), expected.end());
  }
  set_states(row, states, 0, size, reference.mask_id);
  reference.rows = {row};
}

}  // namespace unmask::testing
