// Values of options as a person types them. Errors say what is allowed; set_option adds the name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "unmask/error.h"
#include "unmask/options.h"

namespace unmask {

inline constexpr int kMaxLength = 1 << 20;

/// Throws Error{usage}: "'text' is ..."
[[noreturn]] void refuse_value(std::string_view text, const std::string& what_it_is);

int parse_int(std::string_view text, int minimum, int maximum);
double parse_at_least_zero(std::string_view text);
double parse_share(std::string_view text);  ///< above 0 and at most 1
bool parse_switch(std::string_view text);   ///< "on", "off"
std::vector<int> parse_id_list(std::string_view text);

/// The shortest text that reads back as the same number, whatever the locale.
std::string number_text(double value);

template <typename Value>
struct Spelling {
  std::string_view text;
  Value value;
};
template <typename Value>
Spelling(std::string_view, Value) -> Spelling<Value>;  // clang has no guides of its own before 17

/// The value of that name; `more` names what else is allowed beside the table.
template <typename Table>
auto parse_choice(const Table& table, std::string_view text, std::string_view more = "") {
  std::string known;
  for (const auto& entry : table) {
    if (entry.text == text) return entry.value;
    known += (known.empty() ? "'" : ", '") + std::string(entry.text) + "'";
  }
  refuse_value(text, "none of " + known + std::string(more));
}

template <typename Table, typename Value>
std::string spell(const Table& table, Value value) {
  for (const auto& entry : table) {
    if (entry.value == value) return std::string(entry.text);
  }
  return "?";
}

// The options that are a choice of names.
void set_order(DecodeOptions& options, std::string_view text);
void set_grid(DecodeOptions& options, std::string_view text);
void set_steps_per(DecodeOptions& options, std::string_view text);
void set_attention(DecodeOptions& options, std::string_view text);
void set_sampler(DecodeOptions& options, std::string_view text);

// Those whose names may have parameters: "dream:0.01", "threshold:0.9,2", "edit:0.9,16",
// "delayed:8".
void set_schedule(DecodeOptions& options, std::string_view text);
void set_commit(DecodeOptions& options, std::string_view text);
void set_revise(DecodeOptions& options, std::string_view text);
void set_cache(DecodeOptions& options, std::string_view text);
void set_converged(DecodeOptions& options, std::string_view text);

}  // namespace unmask
