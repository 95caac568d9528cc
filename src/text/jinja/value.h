// The values that a template computes with: Python's, as far as chat templates use them.
#pragma once

#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "text/jinja/budget.h"
#include "text/jinja/text.h"

namespace unmask::jinja {

class Heap;
class Interpreter;
class Object;
struct Arguments;
struct Dict;
struct Generator;
struct List;
struct Method;
struct Range;
struct String;
struct Tuple;
struct View;

struct None {};

/// What a missing variable, key or attribute gives. Printing it gives nothing, most uses fail.
struct Undefined {
  std::shared_ptr<const std::string> problem;
};

using Value = std::variant<Undefined, None, bool, std::int64_t, double,
                           std::shared_ptr<const String>, std::shared_ptr<const List>,
                           std::shared_ptr<const Tuple>, std::shared_ptr<const Dict>,
                           std::shared_ptr<const View>, std::shared_ptr<const Range>,
                           std::shared_ptr<Generator>, std::shared_ptr<const Method>, Object*>;

using Values = std::vector<Value>;

struct String {
  Text text;
  std::size_t length;   // in code points
  bool markup = false;  // |safe: what is added to it is escaped
  Charge charge;
};

struct List {
  Values items;
  int depth;  // 1 for a list of plain values
  Charge charge;
};

struct Tuple {
  Values items;
  int depth;
  Charge charge;
};

/// In the order of insertion. Keys are strings, numbers, booleans, none and tuples of them.
struct Dict {
  std::vector<std::pair<Value, Value>> entries;
  std::map<std::string, std::size_t, std::less<>> index;  // by key_text; kept for large ones alone
  int depth;
  Charge charge;
};

/// What dict.keys(), values() and items() give.
struct View {
  const char* name;
  std::shared_ptr<const List> list;
};

struct Range {
  std::int64_t start, stop, step;
  std::int64_t size;
};

/// What filters like map and select give: read once, from front to back. The items are computed at
/// once; where that failed, reading them to the end fails.
struct Generator {
  Values items;
  std::size_t next = 0;
  std::exception_ptr failure;
  int depth = 1;
  Charge charge;
};

using MethodBody = Value (*)(Interpreter&, const Value& self, Arguments&);

struct Method {
  Value self;
  MethodBody body;
  int depth;
};

struct Arguments {
  Values positional;
  std::vector<std::pair<std::string, Value>> named;
};

/// What is neither data nor a method: functions, macros, namespaces, loops. Lives as long as the
/// heap, since such values may know each other in circles.
class Object {
 public:
  virtual ~Object() = default;
  virtual std::string description(Interpreter&) const = 0;
  virtual bool is_callable() const { return false; }
  virtual Value call(Interpreter&, Arguments&);
  virtual std::optional<Value> attribute(Interpreter&, std::string_view) { return std::nullopt; }
  virtual void forget() {}  // every value that it holds
};

template <typename T>
const T* as(const Value& value) {
  const auto* const pointer = std::get_if<std::shared_ptr<const T>>(&value);
  return pointer ? pointer->get() : nullptr;
}

inline bool is_undefined(const Value& value) { return std::holds_alternative<Undefined>(value); }
inline bool is_none(const Value& value) { return std::holds_alternative<None>(value); }
inline const String* as_string(const Value& value) { return as<String>(value); }

/// The bytes of a string; only for strings.
inline std::string_view bytes_of(const Value& value) { return as_string(value)->text.bytes(); }

/// Booleans count as integers, as in Python.
std::optional<std::int64_t> as_integer(const Value& value);
/// Integers and booleans count as numbers.
std::optional<double> as_number(const Value& value);

/// Python's name of the type: "str", "NoneType".
std::string type_name(const Value& value);
bool is_true(const Value& value);
int depth_of(const Value& value);

/// How many characters valid UTF-8 has.
std::size_t code_points(std::string_view text);

/// Throws the problem of an undefined value.
void require_defined(const Value& value);
Value undefined(std::string problem);

/// Makes values and counts what they take.
class Heap {
 public:
  explicit Heap(const Limits& limits) : budget_(limits) {}
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  Budget& budget() { return budget_; }
  void work(std::uint64_t units = 1) { budget_.work(units); }
  void room(std::uint64_t bytes) { budget_.room(bytes); }

  Value string(Text text, bool markup = false);
  Value own(std::string_view text) { return string(Text(std::string(text), true)); }
  Value given(std::string_view text) { return string(Text(std::string(text), false)); }
  Value list(Values items);
  Value tuple(Values items);
  Value dict(std::vector<std::pair<Value, Value>> entries);  // of equal keys the last value counts
  Value generator(Values items, std::exception_ptr failure = nullptr);
  Value range(std::int64_t start, std::int64_t stop, std::int64_t step);
  Value method(Value self, MethodBody body);

  template <typename Type, typename... Arguments>
  Type* keep(Arguments&&... arguments) {
    auto object = std::make_unique<Type>(std::forward<Arguments>(arguments)...);
    Type* const result = object.get();
    kept_.push_back({std::move(object), budget_.charge(sizeof(Type))});
    return result;
  }

 private:
  struct Kept {
    std::unique_ptr<Object> object;
    Charge charge;
  };

  int depth_of_all(const Values& items) const;

  Budget budget_;
  std::vector<Kept> kept_;
};

/// A text that two keys share when Python takes them for the same one. Fails for what cannot be a
/// key.
std::string key_text(Heap& heap, const Value& key);
const Value* find(Heap& heap, const Dict& dict, const Value& key);
const Value* find(const Dict& dict, std::string_view key);

/// The items of whatever can be looped over; a generator is empty afterwards.
std::shared_ptr<const List> items_of(Heap& heap, const Value& value);
bool is_iterable(const Value& value);

/// len(); nothing where Python knows none.
std::optional<std::int64_t> length_of(const Value& value);

}  // namespace unmask::jinja
