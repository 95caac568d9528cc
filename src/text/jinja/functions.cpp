#include "text/jinja/functions.h"

#include <algorithm>
#include <memory>

#include "text/jinja/operators.h"
#include "text/jinja/python_text.h"

namespace unmask::jinja {
namespace {

class Namespace : public Object {
 public:
  explicit Namespace(Heap& heap) : heap_(heap) {}

  std::string description(Interpreter& in) const override {
    const Interpreter::Printing printing(in, this);
    if (printing.is_within_itself()) return "<Namespace {...}>";
    std::vector<std::pair<Value, Value>> entries;
    for (const std::string& name : order_) {
      entries.emplace_back(heap_.own(name), attributes_.at(name));
    }
    const Text text = repr(in, heap_.dict(std::move(entries)));
    return "<Namespace " + std::string(text.bytes()) + ">";
  }

  std::optional<Value> attribute(Interpreter&, std::string_view name) override {
    const auto found = attributes_.find(name);
    if (found == attributes_.end()) return std::nullopt;
    return found->second;
  }

  void set(std::string_view name, Value value) {
    if (name.starts_with('_')) {
      throw Failure("namespaces keep no attributes that begin with _, as '" +
                    std::string(name.substr(0, 80)) + "'");
    }
    const auto [place, added] = attributes_.insert_or_assign(std::string(name), std::move(value));
    if (!added) return;
    charges_.push_back(heap_.budget().charge(2 * place->first.size() + 192));
    order_.push_back(place->first);
  }

  void forget() override {
    attributes_.clear();
    order_.clear();
  }

 private:
  Heap& heap_;
  std::map<std::string, Value, std::less<>> attributes_;
  std::vector<std::string> order_;  // in which they were first set
  std::vector<Charge> charges_;
};

using Body = Value (*)(Interpreter&, Arguments&);

class Function : public Object {
 public:
  Function(std::string name, Body body) : name_(std::move(name)), body_(body) {}
  std::string description(Interpreter&) const override { return "<function " + name_ + ">"; }
  bool is_callable() const override { return true; }
  Value call(Interpreter& in, Arguments& arguments) override { return body_(in, arguments); }

 private:
  std::string name_;
  Body body_;
};

// joiner(', '): nothing the first time it is called, then always the same.
class Joiner : public Object {
 public:
  explicit Joiner(Value separator) : separator_(std::move(separator)) {}
  std::string description(Interpreter&) const override { return "<joiner>"; }
  bool is_callable() const override { return true; }
  Value call(Interpreter& in, Arguments& arguments) override {
    const Bound none("a joiner", arguments, {});
    return std::exchange(used_, true) ? separator_ : in.heap().own("");
  }
  void forget() override { separator_ = None{}; }

 private:
  Value separator_;
  bool used_ = false;
};

// dict(pairs or mapping, **more), in Python and within namespace().
std::vector<std::pair<Value, Value>> entries_of(Interpreter& in, Arguments& arguments) {
  std::vector<std::pair<Value, Value>> entries;
  if (arguments.positional.size() > 1) throw Failure("dict takes one mapping and names");
  if (!arguments.positional.empty()) {
    const Value& from = arguments.positional[0];
    require_defined(from);
    if (const Dict* dict = as<Dict>(from)) {
      entries = dict->entries;
    } else {
      for (const auto all = items_of(in.heap(), from); const Value& pair : all->items) {
        const auto parts = items_of(in.heap(), pair);
        if (parts->items.size() != 2) throw Failure("dict takes pairs");
        entries.emplace_back(parts->items[0], parts->items[1]);
      }
    }
  }
  for (auto& [name, value] : arguments.named)
    entries.emplace_back(in.heap().own(name), std::move(value));
  return entries;
}

Value make_dict(Interpreter& in, Arguments& arguments) {
  return in.heap().dict(entries_of(in, arguments));
}

Value make_namespace(Interpreter& in, Arguments& arguments) {
  auto* const result = in.heap().keep<Namespace>(in.heap());
  for (auto& [name, value] : entries_of(in, arguments)) {
    if (!as_string(name)) throw Failure("the attributes of a namespace are named by strings");
    result->set(bytes_of(name), std::move(value));
  }
  return result;
}

Value make_range(Interpreter& in, Arguments& arguments) {
  const std::size_t count = arguments.positional.size();
  const Bound given("range", arguments, {"start", "stop", "step"}, 1);
  const std::int64_t first = given.integer(0, 0);
  if (count == 1) return in.heap().range(0, first, 1);
  return in.heap().range(first, given.integer(1, 0), given.integer(2, 1));
}

Value make_joiner(Interpreter& in, Arguments& arguments) {
  const Bound given("joiner", arguments, {"sep"});
  return in.heap().keep<Joiner>(given.has(0) ? given[0] : in.heap().own(", "));
}

Value raise_exception(Interpreter& in, Arguments& arguments) {
  const Bound given("raise_exception", arguments, {"message"}, 1);
  throw Raised(std::string(to_text(in, given[0]).bytes()));
}

Value strftime_now(Interpreter& in, Arguments& arguments) {
  const Bound given("strftime_now", arguments, {"format"}, 1);
  return in.heap().given(strftime(in.heap(), given.string(0).text.bytes(), in.now()));
}

template <bool is_lipsum>
Value not_here(Interpreter&, Arguments&) {
  throw Failure(is_lipsum ? "lipsum() is not supported in chat templates"
                          : "cycler() is not supported in chat templates");
}

}  // namespace

std::vector<std::pair<std::string, Value>> global_functions(Interpreter& in) {
  static constexpr std::pair<const char*, Body> kFunctions[] = {
      {"range", make_range},
      {"dict", make_dict},
      {"namespace", make_namespace},
      {"joiner", make_joiner},
      {"cycler", not_here<false>},
      {"lipsum", not_here<true>},
      {"raise_exception", raise_exception},
      {"strftime_now", strftime_now}};
  std::vector<std::pair<std::string, Value>> result;
  for (const auto& [name, body] : kFunctions) {
    result.emplace_back(name, in.heap().keep<Function>(name, body));
  }
  return result;
}

bool set_attribute(Interpreter&, const Value& value, std::string_view name, Value to) {
  const auto* const object = std::get_if<Object*>(&value);
  auto* const space = object ? dynamic_cast<Namespace*>(*object) : nullptr;
  if (space == nullptr) return false;
  space->set(name, std::move(to));
  return true;
}

}  // namespace unmask::jinja
