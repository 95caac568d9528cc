// What the config.json files of the families have in common.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "family/family.h"

namespace unmask {

// Bounds for sizes in a config.json: far above every published model, far below an overflow.
inline constexpr std::int64_t kMaxVocab = 4'000'000;
inline constexpr std::int64_t kMaxWidth = 1 << 20;
inline constexpr std::int64_t kMaxHeads = 1 << 14;
inline constexpr std::int64_t kMaxLayers = 4096;
inline constexpr std::int64_t kMaxContext = 1 << 30;
inline constexpr std::int64_t kMaxExperts = 4096;
inline constexpr std::int64_t kMaxExpertsOfAllLayers = 1 << 17;

/// A size: a whole number of at least 1.
int read_size(const JsonField& config, std::string_view key, std::int64_t maximum);
int read_size_or(const JsonField& config, std::string_view key, int fallback, std::int64_t maximum);

/// A token id or a list of them; `fallback` where the key is missing or null.
std::vector<int> read_token_ids(const JsonField& config, std::string_view key,
                                std::vector<int> fallback);

/// A token id; kUnknownId where the key is missing or null.
int read_token_id(const JsonField& config, std::string_view key);

/// Throws unless the field, where it is there, has the only value that is supported.
void require_text(const JsonField& config, std::string_view key, std::string_view only,
                  std::string_view reference_default);
void require_boolean(const JsonField& config, std::string_view key, bool only,
                     bool reference_default);

/// Throws Error{checkpoint} when head counts and widths do not fit each other.
void check_heads(const ModelSpec& spec, const JsonField& config);

/// The same for the numbers of experts, per token and in groups.
void check_experts(const ModelSpec& spec, const JsonField& config);

/// The names that nearly all give to router and experts: "mlp.gate", "mlp.experts.{}.".
void name_experts(LayerNames& names);

}  // namespace unmask
