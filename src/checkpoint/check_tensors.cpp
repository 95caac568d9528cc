// check_tensors() of tensor_store.h.
#include <algorithm>
#include <array>
#include <set>

#include "base/log.h"
#include "base/utf8.h"
#include "checkpoint/tensor_store.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr std::size_t kListed = 10;

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t extent : shape) {
    text += (text.size() == 1 ? "" : ", ") + std::to_string(extent);
  }
  return text + "]";
}

// What is wrong with one tensor; empty when nothing is.
std::string problem_of(const TensorSpec& spec, const TensorView* found) {
  const std::string needed = shape_text(spec.shape);
  if (found == nullptr) return utf8::quoted(spec.name) + " " + needed + " is missing";
  if (found->shape == spec.shape) return "";
  const bool transposed =
      std::equal(found->shape.begin(), found->shape.end(), spec.shape.rbegin(), spec.shape.rend());
  return utf8::quoted(spec.name) + " is " + shape_text(found->shape) + ", must be " + needed +
         (transposed ? " (it is transposed)" : "");
}

// Ends of names, the last ones as BD3-LM has them.
constexpr std::array<std::string_view, 7> kDerivedBuffers{
    "rotary_emb.inv_freq",   "rotary_emb.original_inv_freq",
    "rotary_emb.cos_cached", "rotary_emb.sin_cached",
    "position_ids",          "sampling_eps_min",
    "sampling_eps_max"};

// Parts that see or hear, as transformers calls them.
constexpr std::array<std::string_view, 8> kOtherParts{
    "vision_tower", "vision_model", "visual",       "multi_modal_projector",
    "mm_projector", "audio_tower",  "embed_vision", "embed_audio"};

bool is_part_beside_text(std::string_view name) {
  const std::string dotted = "." + std::string(name) + ".";
  return std::ranges::any_of(kOtherParts, [&](std::string_view part) {
    return dotted.find("." + std::string(part) + ".") != std::string::npos;
  });
}

bool may_go_unused(std::string_view name, const TensorView& tensor) {
  return tensor.bytes.empty() || is_derived_buffer(name) || is_part_beside_text(name);
}

// "\n  a\n  b\n  and 3 more": the first ten.
std::string listed(const std::vector<std::string>& lines) {
  std::string text;
  for (std::size_t i = 0; i < std::min(kListed, lines.size()); ++i) text += "\n  " + lines[i];
  if (lines.size() > kListed) {
    text += "\n  and " + std::to_string(lines.size() - kListed) + " more";
  }
  return text;
}

// Those that nobody asked for and that may be passed over.
std::vector<std::string> extra_tensors(const TensorStore& weights,
                                       const std::vector<TensorSpec>& needed) {
  std::set<std::string_view> known;
  for (const TensorSpec& spec : needed) known.insert(spec.name);
  std::vector<std::string> extra, unused;
  for (const auto& [name, tensor] : weights.tensors()) {
    if (known.contains(name)) continue;
    if (may_go_unused(name, *tensor)) {
      extra.emplace_back(name);
    } else {
      unused.push_back(utf8::quoted(name) + " " + shape_text(tensor->shape));
    }
  }
  if (unused.empty()) return extra;
  throw Error(ErrorCode::checkpoint,
              "the weights do not fit config.json: it says nothing of " +
                  std::to_string(unused.size()) + " of their " +
                  std::to_string(weights.tensors().size()) + " tensors:" + listed(unused),
              "without them it would be another model; perhaps config.json lacks a key, or the "
              "model is of another family (--family)");
}

void compare_copies(const TensorStore& weights, const std::vector<TensorSpec>& needed) {
  for (const TensorSpec& spec : needed) {
    const TensorView* const copy = spec.copy_of.empty() ? nullptr : weights.find(spec.name);
    if (copy == nullptr) continue;
    const TensorView* const original = weights.find(spec.copy_of);
    if (copy->dtype == original->dtype && std::ranges::equal(copy->bytes, original->bytes))
      continue;
    log::warning("tensor " + utf8::quoted(spec.name) + " differs from " +
                 utf8::quoted(spec.copy_of) +
                 ", which config.json ties it to; the latter is taken for both");
  }
}

}  // namespace

bool is_derived_buffer(std::string_view name) {
  return std::ranges::any_of(kDerivedBuffers, [&](std::string_view buffer) {
    return name == buffer ||
           (name.ends_with(buffer) && name[name.size() - buffer.size() - 1] == '.');
  });
}

std::vector<std::string> check_tensors(const TensorStore& weights,
                                       const std::vector<TensorSpec>& needed) {
  std::size_t missing = 0;
  std::vector<std::string> problems;
  for (const TensorSpec& spec : needed) {
    const TensorView* const found = weights.find(spec.name);
    if (found == nullptr && !spec.copy_of.empty()) continue;
    missing += found == nullptr ? 1 : 0;
    const std::string problem = problem_of(spec, found);
    if (!problem.empty()) problems.push_back(problem);
  }
  if (!problems.empty()) {
    throw Error(ErrorCode::checkpoint,
                "the weights do not fit config.json: of " + std::to_string(needed.size()) +
                    " tensors " + std::to_string(missing) + " are missing and " +
                    std::to_string(problems.size() - missing) +
                    " have another shape:" + listed(problems),
                "the download may be incomplete, or the model of another family (--family)");
  }
  std::vector<std::string> extra = extra_tensors(weights, needed);
  compare_copies(weights, needed);
  return extra;
}

}  // namespace unmask
