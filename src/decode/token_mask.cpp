#include "decode/token_mask.h"

#include <ATen/ATen.h>

#include <limits>

namespace unmask {
namespace {

at::Tensor without(const at::Tensor& logits, const std::vector<std::int64_t>& ids) {
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  return ids.empty() ? logits : logits.index_fill(-1, at::tensor(ids, at::kLong), kNever);
}

/// `ids`, and the end tokens where they count as such too.
std::vector<std::int64_t> joined(const std::vector<int>& ids, bool ends_too,
                                 const std::vector<int>& end_ids) {
  std::vector<std::int64_t> all(ids.begin(), ids.end());
  if (ends_too) all.insert(all.end(), end_ids.begin(), end_ids.end());
  return all;
}

}  // namespace

TokenMask::TokenMask(const DecodeOptions& options, const Vocabulary& vocabulary)
    : vocabulary_(vocabulary),
      suppressed_(joined(options.suppress, options.no_end, options.end_ids)),
      last_(joined(options.suppress_order, options.end_last, options.end_ids)) {}

at::Tensor TokenMask::distribution(const at::Tensor& logits) const {
  return without(logits, suppressed_);
}

at::Tensor TokenMask::writable(const at::Tensor& logits) const {
  const at::Tensor tokens = logits.slice(-1, 0, vocabulary_.size);
  return vocabulary_.mask_id < vocabulary_.size ? without(tokens, {vocabulary_.mask_id}) : tokens;
}

at::Tensor TokenMask::without_last(const at::Tensor& logits) const {
  return without(logits, last_);
}

at::Tensor TokenMask::is_last(const at::Tensor& tokens) const {
  return at::isin(tokens, at::tensor(last_, at::kLong));
}

}  // namespace unmask
