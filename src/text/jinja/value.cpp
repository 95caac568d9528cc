#include "text/jinja/value.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/utf8.h"

namespace unmask::jinja {
namespace {

constexpr std::size_t kIndexed = 16;  // entries of a dict from which it keeps an index

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

Value Object::call(Interpreter& interpreter, Arguments&) {
  throw Failure(description(interpreter) + " cannot be called");
}

std::optional<std::int64_t> as_integer(const Value& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? 1 : 0;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  return std::nullopt;
}

std::optional<double> as_number(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto integer = as_integer(value)) return static_cast<double>(*integer);
  return std::nullopt;
}

std::string type_name(const Value& value) {
  return std::visit(
      Overloaded{[](const Undefined&) -> std::string { return "Undefined"; },
                 [](None) -> std::string { return "NoneType"; },
                 [](bool) -> std::string { return "bool"; },
                 [](std::int64_t) -> std::string { return "int"; },
                 [](double) -> std::string { return "float"; },
                 [](const std::shared_ptr<const String>& string) -> std::string {
                   return string->markup ? "Markup" : "str";
                 },
                 [](const std::shared_ptr<const List>&) -> std::string { return "list"; },
                 [](const std::shared_ptr<const Tuple>&) -> std::string { return "tuple"; },
                 [](const std::shared_ptr<const Dict>&) -> std::string { return "dict"; },
                 [](const std::shared_ptr<const View>& view) -> std::string { return view->name; },
                 [](const std::shared_ptr<const Range>&) -> std::string { return "range"; },
                 [](const std::shared_ptr<Generator>&) -> std::string { return "generator"; },
                 [](const std::shared_ptr<const Method>&) -> std::string {
                   return "builtin_function_or_method";
                 },
                 [](Object*) -> std::string { return "object"; }},
      value);
}

bool is_true(const Value& value) {
  if (is_undefined(value) || is_none(value)) return false;
  if (const auto number = as_number(value)) return *number != 0.0;
  if (const auto length = length_of(value)) return *length != 0;
  return true;
}

int depth_of(const Value& value) {
  if (const auto* list = as<List>(value)) return list->depth;
  if (const auto* tuple = as<Tuple>(value)) return tuple->depth;
  if (const auto* dict = as<Dict>(value)) return dict->depth;
  if (const auto* view = as<View>(value)) return view->list->depth;
  if (const auto* method = as<Method>(value)) return method->depth;
  const auto* const generator = std::get_if<std::shared_ptr<Generator>>(&value);
  return generator ? (*generator)->depth : 0;
}

void require_defined(const Value& value) {
  if (const auto* missing = std::get_if<Undefined>(&value)) {
    throw Failure(missing->problem ? *missing->problem : "a value is undefined");
  }
}

Value undefined(std::string problem) {
  return Undefined{std::make_shared<const std::string>(std::move(problem))};
}

// Objects may know each other and lists of each other: all let go before any is gone.
Heap::~Heap() {
  for (const Kept& kept : kept_) kept.object->forget();
}

int Heap::depth_of_all(const Values& items) const {
  int depth = 0;
  for (const Value& item : items) depth = std::max(depth, depth_of(item));
  if (depth >= budget_.limits().value_depth) {
    throw LimitReached("values are nested deeper than " +
                       std::to_string(budget_.limits().value_depth) + " levels");
  }
  return depth + 1;
}

Value Heap::string(Text text, bool markup) {
  work(text.size() / 64);
  const std::size_t length = code_points(text.bytes());
  Charge charge = budget_.charge(text.footprint() + sizeof(String));
  return std::make_shared<const String>(String{std::move(text), length, markup, std::move(charge)});
}

Value Heap::list(Values items) {
  work(items.size());
  const int depth = depth_of_all(items);
  Charge charge = budget_.charge(items.capacity() * sizeof(Value) + sizeof(List));
  return std::make_shared<const List>(List{std::move(items), depth, std::move(charge)});
}

Value Heap::tuple(Values items) {
  work(items.size());
  const int depth = depth_of_all(items);
  Charge charge = budget_.charge(items.capacity() * sizeof(Value) + sizeof(Tuple));
  return std::make_shared<const Tuple>(Tuple{std::move(items), depth, std::move(charge)});
}

Value Heap::dict(std::vector<std::pair<Value, Value>> entries) {
  auto dict = std::make_shared<Dict>();
  Values parts;
  std::uint64_t bytes = sizeof(Dict) + entries.size() * (2 * sizeof(Value) + 64);
  for (auto& [key, value] : entries) {
    std::string text = key_text(*this, key);
    bytes += text.size();
    work(1 + text.size() / 64);
    const auto [place, added] = dict->index.emplace(std::move(text), dict->entries.size());
    parts.push_back(key);
    parts.push_back(value);
    if (added) {
      dict->entries.emplace_back(std::move(key), std::move(value));
    } else {
      dict->entries[place->second].second = std::move(value);
    }
  }
  dict->depth = depth_of_all(parts);
  if (dict->entries.size() < kIndexed) dict->index.clear();
  dict->charge = budget_.charge(bytes);
  return std::shared_ptr<const Dict>(std::move(dict));
}

Value Heap::generator(Values items, std::exception_ptr failure) {
  work(items.size());
  auto result = std::make_shared<Generator>();
  result->depth = depth_of_all(items);
  result->charge = budget_.charge(items.capacity() * sizeof(Value) + sizeof(Generator));
  result->items = std::move(items);
  result->failure = std::move(failure);
  return result;
}

Value Heap::range(std::int64_t start, std::int64_t stop, std::int64_t step) {
  if (step == 0) throw Failure("range() takes no step of 0");
  const auto distance =
      step > 0 ? static_cast<__int128>(stop) - start : static_cast<__int128>(start) - stop;
  const __int128 stride = step > 0 ? step : -static_cast<__int128>(step);
  const __int128 size = distance <= 0 ? 0 : (distance + stride - 1) / stride;
  constexpr int kLargest = 100000;
  if (size > kLargest)
    throw Failure("range() gives at most " + std::to_string(kLargest) + " numbers");
  return std::make_shared<const Range>(Range{start, stop, step, static_cast<std::int64_t>(size)});
}

Value Heap::method(Value self, MethodBody body) {
  const int depth = depth_of_all({self});
  return std::make_shared<const Method>(Method{std::move(self), body, depth});
}

std::string key_text(Heap& heap, const Value& key) {
  heap.work();
  if (const String* string = as_string(key)) return "s" + std::string(string->text.bytes());
  if (is_none(key)) return "0";
  if (is_undefined(key)) return "u";
  if (const auto integer = as_integer(key)) return "i" + std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&key)) {
    constexpr double kBound = 9.2e18;
    if (std::trunc(*number) == *number && std::abs(*number) < kBound) {
      return "i" + std::to_string(static_cast<std::int64_t>(*number));
    }
    return "f" + std::to_string(std::bit_cast<std::uint64_t>(*number));
  }
  if (const Tuple* tuple = as<Tuple>(key)) {
    std::string text = "t";
    for (const Value& item : tuple->items) {
      const std::string part = key_text(heap, item);
      text += std::to_string(part.size()) + ":" + part;
      heap.work(part.size() / 64);
      heap.room(text.size());
    }
    return text;
  }
  throw Failure("unhashable type: '" + type_name(key) + "'");
}

const Value* find(Heap& heap, const Dict& dict, const Value& key) {
  const std::string text = key_text(heap, key);
  if (!dict.index.empty()) {
    const auto found = dict.index.find(text);
    return found == dict.index.end() ? nullptr : &dict.entries[found->second].second;
  }
  if (text.front() == 's') return find(dict, std::string_view(text).substr(1));
  for (const auto& [name, value] : dict.entries) {
    if (key_text(heap, name) == text) return &value;
  }
  return nullptr;
}

const Value* find(const Dict& dict, std::string_view key) {
  if (!dict.index.empty()) {
    const auto found = dict.index.find("s" + std::string(key));
    return found == dict.index.end() ? nullptr : &dict.entries[found->second].second;
  }
  for (const auto& [name, value] : dict.entries) {
    const String* const string = as_string(name);
    if (string != nullptr && string->text.bytes() == key) return &value;
  }
  return nullptr;
}

bool is_iterable(const Value& value) {
  return is_undefined(value) || as_string(value) || as<List>(value) || as<Tuple>(value) ||
         as<Dict>(value) || as<View>(value) || as<Range>(value) ||
         std::holds_alternative<std::shared_ptr<Generator>>(value);
}

std::optional<std::int64_t> length_of(const Value& value) {
  const auto size = [](const auto& items) { return static_cast<std::int64_t>(items.size()); };
  if (is_undefined(value)) return 0;
  if (const String* string = as_string(value)) return static_cast<std::int64_t>(string->length);
  if (const List* list = as<List>(value)) return size(list->items);
  if (const Tuple* tuple = as<Tuple>(value)) return size(tuple->items);
  if (const Dict* dict = as<Dict>(value)) return size(dict->entries);
  if (const View* view = as<View>(value)) return size(view->list->items);
  if (const Range* range = as<Range>(value)) return range->size;
  return std::nullopt;
}

namespace {

Values characters(Heap& heap, const String& string) {
  Values items;
  heap.room(string.length * (sizeof(Value) + sizeof(String)));
  const std::string_view bytes = string.text.bytes();
  for (std::size_t at = 0; at < bytes.size();) {
    const auto decoded = utf8::decode(bytes, at);
    const std::size_t size = decoded ? decoded->bytes : 1;
    items.push_back(heap.string(string.text.part(at, at + size), string.markup));
    at += size;
  }
  return items;
}

Values rest_of(Heap& heap, Generator& generator) {
  Values items(generator.items.begin() + static_cast<std::ptrdiff_t>(generator.next),
               generator.items.end());
  heap.work(items.size());
  generator.next = generator.items.size();
  if (generator.failure) std::rethrow_exception(std::exchange(generator.failure, nullptr));
  return items;
}

}  // namespace

std::shared_ptr<const List> items_of(Heap& heap, const Value& value) {
  if (const auto* list = std::get_if<std::shared_ptr<const List>>(&value)) return *list;
  if (const View* view = as<View>(value)) return view->list;
  Values items;
  if (const Tuple* tuple = as<Tuple>(value)) {
    items = tuple->items;
  } else if (const String* string = as_string(value)) {
    items = characters(heap, *string);
  } else if (const Dict* dict = as<Dict>(value)) {
    for (const auto& [key, unused] : dict->entries) items.push_back(key);
  } else if (const Range* range = as<Range>(value)) {
    for (std::int64_t i = 0; i < range->size; ++i)
      items.emplace_back(range->start + i * range->step);
  } else if (const auto* generator = std::get_if<std::shared_ptr<Generator>>(&value)) {
    items = rest_of(heap, **generator);
  } else if (!is_undefined(value)) {
    throw Failure("'" + type_name(value) + "' object is not iterable");
  }
  return std::get<std::shared_ptr<const List>>(heap.list(std::move(items)));
}

}  // namespace unmask::jinja
