// The filters and tests that templates may use.
#pragma once

#include <string_view>

#include "text/jinja/interpreter.h"

namespace unmask::jinja {

struct Filter {
  std::string_view name;
  Value (*apply)(Interpreter&, const Value& input, Arguments&);
};

struct Test {
  std::string_view name;
  bool (*holds)(Interpreter&, const Value& input, Arguments&);
};

/// nullptr where there is none of that name.
const Filter* find_filter(std::string_view name);
const Test* find_test(std::string_view name);

}  // namespace unmask::jinja
