#include "text/jinja/interpreter.h"

#include <algorithm>

#include "text/jinja/filters.h"

namespace unmask::jinja {

Value Interpreter::call(const Value& callee, Arguments& arguments) {
  heap_.work();
  if (const auto* method = as<Method>(callee)) return method->body(*this, method->self, arguments);
  if (const auto* object = std::get_if<Object*>(&callee)) return (*object)->call(*this, arguments);
  require_defined(callee);
  throw Failure("'" + type_name(callee) + "' cannot be called");
}

Value Interpreter::filtered(std::string_view name, const Value& value, Arguments& arguments) {
  const Filter* const filter = find_filter(name);
  if (filter == nullptr)
    throw Failure("there is no filter '" + std::string(name.substr(0, 80)) + "' here");
  heap_.work();
  return filter->apply(*this, value, arguments);
}

bool Interpreter::tested(std::string_view name, const Value& value, Arguments& arguments) {
  const Test* const test = find_test(name);
  if (test == nullptr)
    throw Failure("there is no test '" + std::string(name.substr(0, 80)) + "' here");
  heap_.work();
  return test->holds(*this, value, arguments);
}

Interpreter::Printing::Printing(Interpreter& interpreter, const void* what)
    : interpreter_(interpreter) {
  auto& stack = interpreter.printing_;
  within_itself_ = std::find(stack.begin(), stack.end(), what) != stack.end();
  const auto deepest = static_cast<std::size_t>(interpreter.heap().budget().limits().value_depth);
  if (stack.size() >= deepest) throw LimitReached("values are nested too deeply to be printed");
  stack.push_back(what);
}

Interpreter::Printing::~Printing() { interpreter_.printing_.pop_back(); }

Bound::Bound(std::string_view function, Arguments& arguments,
             std::initializer_list<const char*> names, std::size_t required)
    : function_(function), values_(names.size()), given_(names.size()) {
  if (arguments.positional.size() > names.size()) {
    throw Failure(function_ + " takes at most " + std::to_string(names.size()) + " arguments");
  }
  for (std::size_t i = 0; i < arguments.positional.size(); ++i) {
    values_[i] = std::move(arguments.positional[i]);
    given_[i] = true;
  }
  for (auto& [name, value] : arguments.named) {
    const auto found = std::find(names.begin(), names.end(), name);
    const auto which = static_cast<std::size_t>(found - names.begin());
    if (found == names.end())
      throw Failure(function_ + " has no argument '" + name.substr(0, 80) + "'");
    if (given_[which]) throw Failure(function_ + " is given '" + name + "' twice");
    values_[which] = std::move(value);
    given_[which] = true;
  }
  for (std::size_t i = 0; i < required; ++i) {
    if (!given_[i]) throw Failure(function_ + " needs '" + *(names.begin() + i) + "'");
  }
}

std::int64_t Bound::integer(std::size_t which, std::int64_t fallback) const {
  if (!given_[which]) return fallback;
  require_defined(values_[which]);
  const auto integer = as_integer(values_[which]);
  if (!integer)
    throw Failure(function_ + " takes an integer, not '" + type_name(values_[which]) + "'");
  return *integer;
}

bool Bound::boolean(std::size_t which, bool fallback) const {
  return given_[which] ? is_true(values_[which]) : fallback;
}

const String& Bound::string(std::size_t which) const {
  require_defined(values_[which]);
  const String* const text = as_string(values_[which]);
  if (text == nullptr) {
    throw Failure(function_ + " takes a string, not '" + type_name(values_[which]) + "'");
  }
  return *text;
}

}  // namespace unmask::jinja
