// What every template can call, besides what it is given.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/jinja/interpreter.h"

namespace unmask::jinja {

/// range, dict, namespace, joiner, cycler, raise_exception and strftime_now.
std::vector<std::pair<std::string, Value>> global_functions(Interpreter& interpreter);

/// Whether `value` is what namespace() gave; the attribute is then set. Fails for names with _ in
/// front.
bool set_attribute(Interpreter& interpreter, const Value& value, std::string_view name, Value to);

/// strftime of the C locale, for a moment in seconds since 1970 of local time.
std::string strftime(Heap& heap, std::string_view format, std::int64_t seconds);

}  // namespace unmask::jinja
