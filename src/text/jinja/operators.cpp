#include "text/jinja/operators.h"

#include <algorithm>
#include <cmath>

#include "text/jinja/format.h"
#include "text/jinja/python_text.h"
#include "text/jinja/strings.h"

namespace unmask::jinja {
namespace {

std::string_view sign_of(Operator op) {
  switch (op) {
    case Operator::add:
      return "+";
    case Operator::subtract:
      return "-";
    case Operator::multiply:
      return "*";
    case Operator::divide:
      return "/";
    case Operator::floor_divide:
      return "//";
    case Operator::modulo:
      return "%";
    case Operator::power:
      return "**";
    case Operator::less:
      return "<";
    case Operator::less_equal:
      return "<=";
    case Operator::greater:
      return ">";
    default:
      return ">=";
  }
}

[[noreturn]] void unsupported(Operator op, const Value& left, const Value& right) {
  require_defined(left);
  require_defined(right);
  throw Failure("'" + std::string(sign_of(op)) + "' does not go with '" + type_name(left) +
                "' and '" + type_name(right) + "'");
}

[[noreturn]] void overflow() { throw Failure("an integer beyond 64 bits"); }
[[noreturn]] void zero() { throw Failure("division by zero"); }

std::int64_t integer_power(std::int64_t base, std::int64_t exponent) {
  std::int64_t result = 1;
  while (exponent > 0) {
    if (exponent % 2 == 1 && __builtin_mul_overflow(result, base, &result)) overflow();
    exponent /= 2;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) {
      overflow();
    }
  }
  return result;
}

// The quotient rounded down, as Python divides.
std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
  if (b == 0) zero();
  if (b == -1) {
    std::int64_t result = 0;
    if (__builtin_sub_overflow(std::int64_t{0}, a, &result)) overflow();
    return result;
  }
  const std::int64_t quotient = a / b;
  return quotient - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
}

Value integers(Operator op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  switch (op) {
    case Operator::add:
      if (__builtin_add_overflow(a, b, &result)) overflow();
      return result;
    case Operator::subtract:
      if (__builtin_sub_overflow(a, b, &result)) overflow();
      return result;
    case Operator::multiply:
      if (__builtin_mul_overflow(a, b, &result)) overflow();
      return result;
    case Operator::divide:
      if (b == 0) zero();
      return static_cast<double>(a) / static_cast<double>(b);
    case Operator::floor_divide:
      return floor_quotient(a, b);
    case Operator::modulo:
      if (b == 0) zero();
      return b == -1 ? 0 : a - floor_quotient(a, b) * b;
    default:
      break;
  }
  if (b >= 0) {
    if (a >= -1 && a <= 1) return a == -1 && b % 2 == 0 ? std::int64_t{1} : b == 0 ? 1 : a;
    return integer_power(a, b);
  }
  if (a == 0) throw Failure("0 cannot be raised to a negative power");
  return std::pow(static_cast<double>(a), static_cast<double>(b));
}

double real_power(double a, double b) {
  if (a == 0.0 && b < 0.0) throw Failure("0.0 cannot be raised to a negative power");
  if (a < 0.0 && std::isfinite(a) && std::isfinite(b) && std::floor(b) != b) {
    throw Failure("a negative number to the power of a fraction");
  }
  const double result = std::pow(a, b);
  if (std::isinf(result) && std::isfinite(a) && std::isfinite(b))
    throw Failure("a float out of range");
  return result;
}

double real_modulo(double a, double b) {
  if (b == 0.0) zero();
  const double rest = std::fmod(a, b);
  if (rest == 0.0) return std::copysign(0.0, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

double real_floor_quotient(double a, double b) {
  if (b == 0.0) zero();
  const double rest = std::fmod(a, b);
  double quotient = (a - rest) / b;
  if (rest != 0.0 && (rest < 0) != (b < 0)) quotient -= 1.0;
  if (quotient == 0.0) return std::copysign(0.0, a / b);
  const double floor = std::floor(quotient);
  return quotient - floor > 0.5 ? floor + 1.0 : floor;
}

Value reals(Operator op, double a, double b) {
  switch (op) {
    case Operator::add:
      return a + b;
    case Operator::subtract:
      return a - b;
    case Operator::multiply:
      return a * b;
    case Operator::divide:
      if (b == 0.0) zero();
      return a / b;
    case Operator::floor_divide:
      return real_floor_quotient(a, b);
    case Operator::modulo:
      return real_modulo(a, b);
    default:
      return real_power(a, b);
  }
}

Value added_strings(Heap& heap, const String& left, const String& right) {
  heap.room(left.text.size() + right.text.size());
  heap.work((left.text.size() + right.text.size()) / 64);
  Text result = right.markup && !left.markup ? escaped(heap, left.text) : left.text;
  result.append(left.markup && !right.markup ? escaped(heap, right.text) : right.text);
  return heap.string(std::move(result), left.markup || right.markup);
}

Values added_items(Heap& heap, const Values& left, const Values& right) {
  heap.room((left.size() + right.size()) * sizeof(Value));
  heap.work(left.size() + right.size());
  Values items;
  items.reserve(left.size() + right.size());
  items.insert(items.end(), left.begin(), left.end());
  items.insert(items.end(), right.begin(), right.end());
  return items;
}

// How often a sequence of `size` bytes can be repeated at most.
void check_repeated(Heap& heap, std::uint64_t size, std::int64_t times) {
  if (size == 0 || times <= 0) return;
  const auto total = static_cast<unsigned __int128>(size) * static_cast<std::uint64_t>(times);
  heap.room(total > UINT64_MAX ? UINT64_MAX : static_cast<std::uint64_t>(total));
  heap.work(static_cast<std::uint64_t>(times) / 8);
}

std::optional<Value> repeated(Heap& heap, const Value& value, std::int64_t times) {
  if (const String* string = as_string(value)) {
    check_repeated(heap, string->text.size(), times);
    Text text;
    for (std::int64_t i = 0; i < times && !string->text.empty(); ++i) text.append(string->text);
    return heap.string(std::move(text), string->markup);
  }
  const List* const list = as<List>(value);
  const Tuple* const tuple = as<Tuple>(value);
  if (list == nullptr && tuple == nullptr) return std::nullopt;
  const Values& items = list ? list->items : tuple->items;
  check_repeated(heap, items.size() * sizeof(Value), times);
  Values result;
  for (std::int64_t i = 0; i < times && !items.empty(); ++i) {
    result.insert(result.end(), items.begin(), items.end());
  }
  return list ? heap.list(std::move(result)) : heap.tuple(std::move(result));
}

std::optional<Value> sequences(Heap& heap, Operator op, const Value& left, const Value& right) {
  if (op == Operator::add) {
    const String* const a = as_string(left);
    const String* const b = as_string(right);
    if (a && b) return added_strings(heap, *a, *b);
    const List* const list = as<List>(left);
    const List* const other = as<List>(right);
    if (list && other) return heap.list(added_items(heap, list->items, other->items));
    const Tuple* const tuple = as<Tuple>(left);
    const Tuple* const second = as<Tuple>(right);
    if (tuple && second) return heap.tuple(added_items(heap, tuple->items, second->items));
  }
  if (op == Operator::multiply) {
    if (const auto times = as_integer(right)) return repeated(heap, left, *times);
    if (const auto times = as_integer(left)) return repeated(heap, right, *times);
  }
  return std::nullopt;
}

// An order of numbers that is exact where an integer and a float meet.
int order_of_numbers(const Value& left, const Value& right) {
  const auto exact = [](const Value& value) {
    if (const auto integer = as_integer(value)) return static_cast<long double>(*integer);
    return static_cast<long double>(std::get<double>(value));
  };
  const long double a = exact(left), b = exact(right);
  return a < b ? -1 : a > b ? 1 : a == b ? 0 : 2;  // 2: one is no number
}

bool all_equal(Heap& heap, const Values& left, const Values& right) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(),
                    [&](const Value& a, const Value& b) { return equal(heap, a, b); });
}

bool items_less(Heap& heap, const Values& left, const Values& right) {
  const std::size_t shared = std::min(left.size(), right.size());
  for (std::size_t i = 0; i < shared; ++i) {
    if (!equal(heap, left[i], right[i])) return less(heap, left[i], right[i]);
  }
  return left.size() < right.size();
}

// Whether objects, methods and generators are one and the same.
bool is_same(const Value& left, const Value& right) {
  if (const auto* object = std::get_if<Object*>(&left)) return *object == std::get<Object*>(right);
  const auto same = [&]<typename Pointer>(const Pointer* pointer) {
    return pointer != nullptr && *pointer == std::get<Pointer>(right);
  };
  return same(std::get_if<std::shared_ptr<const View>>(&left)) ||
         same(std::get_if<std::shared_ptr<Generator>>(&left)) ||
         same(std::get_if<std::shared_ptr<const Method>>(&left));
}

bool equal_dicts(Heap& heap, const Dict& left, const Dict& right) {
  if (left.entries.size() != right.entries.size()) return false;
  return std::all_of(left.entries.begin(), left.entries.end(), [&](const auto& entry) {
    const Value* const other = find(heap, right, entry.first);
    return other != nullptr && equal(heap, entry.second, *other);
  });
}

}  // namespace

Value arithmetic(Interpreter& interpreter, Operator op, const Value& left, const Value& right) {
  Heap& heap = interpreter.heap();
  const auto a = as_integer(left), b = as_integer(right);
  if (a && b) return integers(op, *a, *b);
  if (const String* format = as_string(left); format && op == Operator::modulo) {
    return percent_format(interpreter, *format, right);
  }
  const auto x = as_number(left), y = as_number(right);
  if (x && y) return reals(op, *x, *y);
  if (auto result = sequences(heap, op, left, right)) return *std::move(result);
  unsupported(op, left, right);
}

Value negative(const Value& value) {
  if (const auto integer = as_integer(value)) return integers(Operator::subtract, 0, *integer);
  if (const auto* number = std::get_if<double>(&value)) return -*number;
  require_defined(value);
  throw Failure("'-' does not go with '" + type_name(value) + "'");
}

Value positive(const Value& value) {
  if (const auto integer = as_integer(value)) return *integer;
  if (std::holds_alternative<double>(value)) return value;
  require_defined(value);
  throw Failure("'+' does not go with '" + type_name(value) + "'");
}

bool equal(Heap& heap, const Value& left, const Value& right) {
  heap.work();
  if (as_number(left) && as_number(right)) return order_of_numbers(left, right) == 0;
  if (left.index() != right.index()) return false;
  if (is_undefined(left) || is_none(left)) return true;
  if (const String* string = as_string(left)) {
    heap.work(string->text.size() / 64);
    return string->text.bytes() == bytes_of(right);
  }
  if (const List* list = as<List>(left))
    return all_equal(heap, list->items, as<List>(right)->items);
  if (const Tuple* tuple = as<Tuple>(left)) {
    return all_equal(heap, tuple->items, as<Tuple>(right)->items);
  }
  if (const Dict* dict = as<Dict>(left)) return equal_dicts(heap, *dict, *as<Dict>(right));
  if (const Range* range = as<Range>(left)) {
    const Range& other = *as<Range>(right);
    return range->size == other.size &&
           (range->size == 0 ||
            (range->start == other.start && (range->size == 1 || range->step == other.step)));
  }
  return is_same(left, right);
}

bool less(Heap& heap, const Value& left, const Value& right) {
  heap.work();
  if (as_number(left) && as_number(right)) return order_of_numbers(left, right) == -1;
  const String* const string = as_string(left);
  if (string && as_string(right)) {
    heap.work(string->text.size() / 64);
    return string->text.bytes() < bytes_of(right);
  }
  const List* const list = as<List>(left);
  if (list && as<List>(right)) return items_less(heap, list->items, as<List>(right)->items);
  const Tuple* const tuple = as<Tuple>(left);
  if (tuple && as<Tuple>(right)) return items_less(heap, tuple->items, as<Tuple>(right)->items);
  unsupported(Operator::less, left, right);
}

bool contains(Interpreter& interpreter, const Value& container, const Value& item) {
  Heap& heap = interpreter.heap();
  if (const String* string = as_string(container)) {
    require_defined(item);
    if (!as_string(item)) {
      throw Failure("'in' looks for a string in a string, not for '" + type_name(item) + "'");
    }
    return find_bytes(heap, string->text.bytes(), bytes_of(item)) != std::string_view::npos;
  }
  if (const Dict* dict = as<Dict>(container)) return find(heap, *dict, item) != nullptr;
  if (!is_iterable(container)) throw Failure("'" + type_name(container) + "' contains nothing");
  const auto items = items_of(heap, container);
  return std::any_of(items->items.begin(), items->items.end(),
                     [&](const Value& value) { return equal(heap, item, value); });
}

bool compare(Interpreter& interpreter, Operator op, const Value& left, const Value& right) {
  Heap& heap = interpreter.heap();
  switch (op) {
    case Operator::equal:
      return equal(heap, left, right);
    case Operator::not_equal:
      return !equal(heap, left, right);
    case Operator::in:
      return contains(interpreter, right, left);
    case Operator::not_in:
      return !contains(interpreter, right, left);
    default:
      break;
  }
  if (as_number(left) && as_number(right)) {
    const int order = order_of_numbers(left, right);
    if (order == 2) return false;
    return op == Operator::less         ? order < 0
           : op == Operator::less_equal ? order <= 0
           : op == Operator::greater    ? order > 0
                                        : order >= 0;
  }
  if (op == Operator::less) return less(heap, left, right);
  if (op == Operator::greater) return less(heap, right, left);
  // Where both are lists, or both strings, the order is a total one but for numbers that are none.
  const bool reversed =
      op == Operator::less_equal ? less(heap, right, left) : less(heap, left, right);
  return !reversed;
}

}  // namespace unmask::jinja
