// check_tensors() of checkpoint.h.
#include <algorithm>
#include <set>

#include "base/utf8.h"
#include "checkpoint/checkpoint.h"

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

std::vector<std::string> extra_tensors(const Weights& weights,
                                       const std::vector<TensorSpec>& needed) {
  std::set<std::string_view> known;
  for (const TensorSpec& spec : needed) known.insert(spec.name);
  std::vector<std::string> extra;
  for (const auto& [name, tensor] : weights.tensors()) {
    if (!known.contains(name)) extra.emplace_back(name);
  }
  return extra;
}

}  // namespace

std::vector<std::string> check_tensors(const Weights& weights,
                                       const std::vector<TensorSpec>& needed) {
  std::size_t missing = 0;
  std::vector<std::string> problems;
  for (const TensorSpec& spec : needed) {
    const TensorView* const found = weights.find(spec.name);
    missing += found == nullptr ? 1 : 0;
    const std::string problem = problem_of(spec, found);
    if (!problem.empty()) problems.push_back(problem);
  }
  if (problems.empty()) return extra_tensors(weights, needed);

  std::string message = "the weights do not fit config.json: of " + std::to_string(needed.size()) +
                        " tensors " + std::to_string(missing) + " are missing and " +
                        std::to_string(problems.size() - missing) + " have another shape:";
  for (std::size_t i = 0; i < std::min(kListed, problems.size()); ++i) {
    message += "\n  " + problems[i];
  }
  if (problems.size() > kListed) {
    message += "\n  and " + std::to_string(problems.size() - kListed) + " more";
  }
  throw Error(ErrorCode::checkpoint, message,
              "the download may be incomplete, or the model of another family (--family)");
}

}  // namespace unmask
