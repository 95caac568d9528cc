// x.name, x[i] and x[a:b:c].
#include <algorithm>

#include "text/jinja/method_tables.h"
#include "text/jinja/operators.h"
#include "text/jinja/python_text.h"
#include "text/jinja/strings.h"

namespace unmask::jinja {
namespace {

// An index that may count from the end; nothing where it lies outside.
std::optional<std::size_t> position(std::int64_t index, std::size_t size) {
  const auto count = static_cast<std::int64_t>(size);
  if (index < 0) index += count;
  if (index < 0 || index >= count) return std::nullopt;
  return static_cast<std::size_t>(index);
}

std::optional<Value> indexed(Heap& heap, const Value& value, std::int64_t index) {
  if (const String* string = as_string(value)) {
    const auto at = position(index, string->length);
    if (!at) return std::nullopt;
    heap.work(string->length == string->text.size() ? 0 : string->text.size() / 64);
    const std::size_t from = byte_of(*string, *at);
    std::size_t to = from + 1;
    const std::string_view bytes = string->text.bytes();
    while (to < bytes.size() && (static_cast<unsigned char>(bytes[to]) & 0xC0) == 0x80) ++to;
    return heap.string(string->text.part(from, to), string->markup);
  }
  if (const Range* range = as<Range>(value)) {
    const auto at = position(index, static_cast<std::size_t>(range->size));
    if (!at) return std::nullopt;
    return range->start + static_cast<std::int64_t>(*at) * range->step;
  }
  const List* const list = as<List>(value);
  const Tuple* const tuple = as<Tuple>(value);
  if (list == nullptr && tuple == nullptr) return std::nullopt;
  const Values& items = list ? list->items : tuple->items;
  const auto at = position(index, items.size());
  if (!at) return std::nullopt;
  return items[*at];
}

std::string described(Interpreter& interpreter, const Value& index) {
  if (as_string(index)) return "no attribute '" + std::string(bytes_of(index).substr(0, 80)) + "'";
  return "no element " + std::string(repr(interpreter, index).bytes().substr(0, 80));
}

// What start, stop and step of a slice come to for `size` items.
struct Cut {
  std::int64_t start, step;
  std::int64_t count;
};

std::optional<std::int64_t> slice_part(const Value& value) {
  if (is_none(value)) return std::nullopt;
  require_defined(value);
  const auto integer = as_integer(value);
  if (!integer) throw Failure("a slice is cut at integers, not at '" + type_name(value) + "'");
  return integer;
}

Cut cut(const Value& start, const Value& stop, const Value& step_value, std::int64_t size) {
  const std::int64_t step = std::max(slice_part(step_value).value_or(1), -INT64_MAX);
  if (step == 0) throw Failure("a slice's step is 0");
  const auto bound = [&](const Value& value, std::int64_t fallback) {
    auto part = slice_part(value);
    if (!part) return fallback;
    if (*part < 0) *part += size;
    return std::clamp(*part, step > 0 ? std::int64_t{0} : std::int64_t{-1},
                      step > 0 ? size : size - 1);
  };
  const std::int64_t from = bound(start, step > 0 ? 0 : size - 1);
  const std::int64_t to = bound(stop, step > 0 ? size : -1);
  const std::int64_t distance = step > 0 ? to - from : from - to;
  const std::int64_t stride = step > 0 ? step : -step;
  return {from, step, distance <= 0 ? 0 : (distance - 1) / stride + 1};
}

Value string_slice(Heap& heap, const String& string, const Cut& cut) {
  heap.work(string.text.size() / 64);
  if (cut.count == 0) return heap.string({}, string.markup);
  const auto at = [](std::int64_t index) { return static_cast<std::size_t>(index); };
  if (cut.step == 1) {
    const std::size_t from = byte_of(string, at(cut.start));
    return heap.string(string.text.part(from, byte_of(string, at(cut.start + cut.count))),
                       string.markup);
  }
  std::vector<std::size_t> begins;  // of the code points
  const std::string_view bytes = string.text.bytes();
  heap.room(bytes.size() * sizeof(std::size_t));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if ((static_cast<unsigned char>(bytes[i]) & 0xC0) != 0x80) begins.push_back(i);
  }
  begins.push_back(bytes.size());
  heap.work(static_cast<std::uint64_t>(cut.count));
  Text result;
  for (std::int64_t i = 0; i < cut.count; ++i) {
    const std::size_t which = at(cut.start + i * cut.step);
    result.append(string.text, begins[which], begins[which + 1]);
  }
  return heap.string(std::move(result), string.markup);
}

}  // namespace

std::optional<Found> find_method(const Value& value, std::string_view name) {
  std::span<const MethodEntry> table;
  if (as_string(value)) table = string_methods();
  if (as<Dict>(value)) table = dict_methods();
  if (as<List>(value)) table = list_methods();
  if (as<Tuple>(value) || as<Range>(value)) table = tuple_methods();
  for (const MethodEntry& entry : table) {
    if (entry.name == name) return Found{entry.body};
  }
  return std::nullopt;
}

Value attribute(Interpreter& interpreter, const Value& value, std::string_view name) {
  require_defined(value);
  if (const auto* object = std::get_if<Object*>(&value)) {
    if (auto found = (*object)->attribute(interpreter, name)) return *std::move(found);
  } else if (const auto method = find_method(value, name)) {
    if (method->body != nullptr) return interpreter.heap().method(value, method->body);
    return undefined("the method '" + std::string(name) + "' of '" + type_name(value) +
                     "' cannot be used here");
  } else if (const Dict* dict = as<Dict>(value)) {
    if (const Value* found = find(*dict, name)) return *found;
  }
  return undefined("'" + type_name(value) + "' has no attribute '" + std::string(name) + "'");
}

Value item(Interpreter& interpreter, const Value& value, const Value& index) {
  Heap& heap = interpreter.heap();
  require_defined(value);
  if (const Dict* dict = as<Dict>(value)) {
    const bool can_be_key = !as<List>(index) && !as<Dict>(index);
    const Value* const found = can_be_key ? find(heap, *dict, index) : nullptr;
    if (found != nullptr) return *found;
  } else if (const auto at = as_integer(index)) {
    if (auto found = indexed(heap, value, *at)) return *std::move(found);
  }
  if (as_string(index)) {
    if (const auto* object = std::get_if<Object*>(&value)) {
      if (auto found = (*object)->attribute(interpreter, bytes_of(index))) return *std::move(found);
    } else if (const auto method = find_method(value, bytes_of(index))) {
      if (method->body != nullptr) return heap.method(value, method->body);
    }
  }
  return undefined("'" + type_name(value) + "' has " + described(interpreter, index));
}

Value slice(Interpreter& interpreter, const Value& value, const Value& start, const Value& stop,
            const Value& step) {
  Heap& heap = interpreter.heap();
  require_defined(value);
  const List* const list = as<List>(value);
  const Tuple* const tuple = as<Tuple>(value);
  const Range* const range = as<Range>(value);
  if (!as_string(value) && !list && !tuple && !range) {
    throw Failure("'" + type_name(value) + "' cannot be sliced");
  }
  const Cut what = cut(start, stop, step, *length_of(value));
  if (const String* string = as_string(value)) return string_slice(heap, *string, what);
  if (range != nullptr) {
    const std::int64_t first = range->start + what.start * range->step;
    std::int64_t stride = 0;
    if (__builtin_mul_overflow(range->step, what.step, &stride)) stride = 1;
    return heap.range(first, first + what.count * stride, stride);
  }
  const Values& items = list ? list->items : tuple->items;
  Values result;
  heap.work(static_cast<std::uint64_t>(what.count));
  for (std::int64_t i = 0; i < what.count; ++i) {
    result.push_back(items[static_cast<std::size_t>(what.start + i * what.step)]);
  }
  return list ? heap.list(std::move(result)) : heap.tuple(std::move(result));
}

}  // namespace unmask::jinja
