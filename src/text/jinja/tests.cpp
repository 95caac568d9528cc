// The tests behind `is`.
#include <algorithm>
#include <array>

#include "text/jinja/filters.h"
#include "text/jinja/operators.h"
#include "text/jinja/python_text.h"
#include "text/jinja/strings.h"

namespace unmask::jinja {
namespace {

using Holds = bool (*)(const Value&);

// A test without arguments.
template <Holds holds>
bool plain(Interpreter&, const Value& input, Arguments& arguments) {
  const Bound none("a test", arguments, {});
  return holds(input);
}

bool is_defined(const Value& value) { return !is_undefined(value); }
bool is_boolean(const Value& value) { return std::holds_alternative<bool>(value); }
bool is_yes(const Value& value) { return is_boolean(value) && std::get<bool>(value); }
bool is_no(const Value& value) { return is_boolean(value) && !std::get<bool>(value); }
bool is_integer(const Value& value) { return std::holds_alternative<std::int64_t>(value); }
bool is_real(const Value& value) { return std::holds_alternative<double>(value); }
bool is_number(const Value& value) { return as_number(value).has_value(); }
bool is_string(const Value& value) { return as_string(value) != nullptr; }
bool is_mapping(const Value& value) { return as<Dict>(value) != nullptr; }
bool is_escaped(const Value& value) { return is_string(value) && as_string(value)->markup; }

bool is_sequence(const Value& value) {
  return is_string(value) || is_mapping(value) || as<List>(value) || as<Tuple>(value) ||
         as<Range>(value) || is_undefined(value);
}

bool is_callable(const Value& value) {
  if (const auto* object = std::get_if<Object*>(&value)) return (*object)->is_callable();
  return as<Method>(value) != nullptr || is_undefined(value);
}

template <Operator op>
bool compared(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("a comparison", arguments, {"other"}, 1);
  return compare(in, op, input, given[0]);
}

Value remainder(Interpreter& in, const Value& input, Value divisor) {
  return arithmetic(in, Operator::modulo, input, divisor);
}

bool is_odd(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("odd", arguments, {});
  return equal(in.heap(), remainder(in, input, std::int64_t{2}), std::int64_t{1});
}

bool is_even(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("even", arguments, {});
  return equal(in.heap(), remainder(in, input, std::int64_t{2}), std::int64_t{0});
}

bool divides(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("divisibleby", arguments, {"num"}, 1);
  return equal(in.heap(), remainder(in, input, given[0]), std::int64_t{0});
}

template <Case to>
bool has_case(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("a test", arguments, {});
  const Text text = to_text(in, input);
  const Value lower = in.heap().string(with_case(in.heap(), text, Case::lower));
  const Value upper = in.heap().string(with_case(in.heap(), text, Case::upper));
  const bool same = text.bytes() == bytes_of(to == Case::lower ? lower : upper);
  return same && bytes_of(lower) != bytes_of(upper);
}

bool same_as(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("sameas", arguments, {"other"}, 1);
  if (input.index() != given[0].index()) return false;
  if (const auto* list = std::get_if<std::shared_ptr<const List>>(&input)) {
    return *list == std::get<std::shared_ptr<const List>>(given[0]);
  }
  if (const auto* dict = std::get_if<std::shared_ptr<const Dict>>(&input)) {
    return *dict == std::get<std::shared_ptr<const Dict>>(given[0]);
  }
  return equal(in.heap(), input, given[0]);
}

bool names_filter(Interpreter&, const Value& input, Arguments& arguments) {
  const Bound none("filter", arguments, {});
  return is_string(input) && find_filter(bytes_of(input)) != nullptr;
}

bool names_test(Interpreter&, const Value& input, Arguments& arguments) {
  const Bound none("test", arguments, {});
  return is_string(input) && find_test(bytes_of(input)) != nullptr;
}

constexpr std::array kTests = {Test{"!=", compared<Operator::not_equal>},
                               Test{"<", compared<Operator::less>},
                               Test{"<=", compared<Operator::less_equal>},
                               Test{"==", compared<Operator::equal>},
                               Test{">", compared<Operator::greater>},
                               Test{">=", compared<Operator::greater_equal>},
                               Test{"boolean", plain<is_boolean>},
                               Test{"callable", plain<is_callable>},
                               Test{"defined", plain<is_defined>},
                               Test{"divisibleby", divides},
                               Test{"eq", compared<Operator::equal>},
                               Test{"equalto", compared<Operator::equal>},
                               Test{"escaped", plain<is_escaped>},
                               Test{"even", is_even},
                               Test{"false", plain<is_no>},
                               Test{"filter", names_filter},
                               Test{"float", plain<is_real>},
                               Test{"ge", compared<Operator::greater_equal>},
                               Test{"greaterthan", compared<Operator::greater>},
                               Test{"gt", compared<Operator::greater>},
                               Test{"in", compared<Operator::in>},
                               Test{"integer", plain<is_integer>},
                               Test{"iterable", plain<is_iterable>},
                               Test{"le", compared<Operator::less_equal>},
                               Test{"lessthan", compared<Operator::less>},
                               Test{"lower", has_case<Case::lower>},
                               Test{"lt", compared<Operator::less>},
                               Test{"mapping", plain<is_mapping>},
                               Test{"ne", compared<Operator::not_equal>},
                               Test{"none", plain<is_none>},
                               Test{"number", plain<is_number>},
                               Test{"odd", is_odd},
                               Test{"sameas", same_as},
                               Test{"sequence", plain<is_sequence>},
                               Test{"string", plain<is_string>},
                               Test{"test", names_test},
                               Test{"true", plain<is_yes>},
                               Test{"undefined", plain<is_undefined>},
                               Test{"upper", has_case<Case::upper>}};

}  // namespace

const Test* find_test(std::string_view name) {
  const auto* const found = std::find_if(kTests.begin(), kTests.end(),
                                         [&](const Test& test) { return test.name == name; });
  return found == kTests.end() ? nullptr : found;
}

}  // namespace unmask::jinja
