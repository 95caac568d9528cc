// Python's operators on the values of a template.
#pragma once

#include <optional>
#include <string_view>

#include "text/jinja/ast.h"
#include "text/jinja/interpreter.h"

namespace unmask::jinja {

Value arithmetic(Interpreter& interpreter, Operator op, const Value& left, const Value& right);
Value negative(const Value& value);
Value positive(const Value& value);

bool equal(Heap& heap, const Value& left, const Value& right);

/// Fails for values that have no order.
bool less(Heap& heap, const Value& left, const Value& right);
bool contains(Interpreter& interpreter, const Value& container, const Value& item);
bool compare(Interpreter& interpreter, Operator op, const Value& left, const Value& right);

/// x.name: methods come first, then keys. Missing ones are undefined.
Value attribute(Interpreter& interpreter, const Value& value, std::string_view name);

/// x[index]: keys come first, then methods.
Value item(Interpreter& interpreter, const Value& value, const Value& index);

/// x[start:stop:step]; none stands for a part that is not there.
Value slice(Interpreter& interpreter, const Value& value, const Value& start, const Value& stop,
            const Value& step);

struct Found {
  MethodBody body = nullptr;  // nullptr: known to Python, but nobody may call it
};
/// A method of this value by its name.
std::optional<Found> find_method(const Value& value, std::string_view name);

/// Markup, whose & < > ' " are escaped where it was none.
Text escaped(Heap& heap, const Text& text);

}  // namespace unmask::jinja
