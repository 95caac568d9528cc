// Python's two ways of filling values into a text.
#pragma once

#include "text/jinja/interpreter.h"

namespace unmask::jinja {

/// '{} {name:>8}'.format(...)
Value brace_format(Interpreter& interpreter, const String& format, Arguments& arguments);

/// '%s %(name)5.1f' % values
Value percent_format(Interpreter& interpreter, const String& format, const Value& values);

}  // namespace unmask::jinja
