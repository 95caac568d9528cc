// Rules by the texts that a person types.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "rules/cache/cache.h"
#include "rules/cards.h"
#include "rules/commit/commit.h"
#include "rules/schedule/schedule.h"
#include "unmask/options.h"

namespace unmask::testing {

/// Default options with one of them set.
inline DecodeOptions options_with(std::string_view name, std::string_view value) {
  DecodeOptions options;
  set_option(options, name, value);
  return options;
}

inline std::unique_ptr<Schedule> schedule_of(std::string_view text) {
  const auto [card, values] = options_with("schedule", text).schedule;
  return card->make(values);
}

inline std::unique_ptr<CommitRule> commit_of(std::string_view text, bool fast_dllm_habits = false) {
  DecodeOptions options = options_with("commit", text);
  options.fast_dllm_habits = fast_dllm_habits;
  return options.commit.card->make(options.commit.values, options);
}

inline std::unique_ptr<CachePolicy> cache_of(std::string_view text) {
  return make_cache_policy(options_with("cache", text));
}

}  // namespace unmask::testing
