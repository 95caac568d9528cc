// Values of options as a person types them. Errors say what is allowed; set_option adds the name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "unmask/error.h"

namespace unmask {

inline constexpr int kMaxLength = 1 << 20;

/// Throws Error{usage}: "'text' is ..."
[[noreturn]] void refuse_value(std::string_view text, const std::string& what_it_is);

int parse_int(std::string_view text, int minimum, int maximum);
double parse_at_least_zero(std::string_view text);
double parse_share(std::string_view text);  ///< above 0 and at most 1
bool parse_switch(std::string_view text);   ///< "on", "off"
std::vector<int> parse_id_list(std::string_view text);

/// As parse_id_list reads them: "1 2 3".
std::string id_list_text(const std::vector<int>& ids);

/// The shortest text that reads back as the same number, whatever the locale.
std::string number_text(double value);

}  // namespace unmask
