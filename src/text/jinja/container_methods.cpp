// The methods of lists, tuples and dicts that a template may call. None changes its value.
#include <algorithm>
#include <array>

#include "text/jinja/method_tables.h"
#include "text/jinja/operators.h"

namespace unmask::jinja {
namespace {

Value count_item(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("count", arguments, {"value"}, 1);
  const auto all = items_of(in.heap(), self);
  const Values& items = all->items;
  return static_cast<std::int64_t>(
      std::count_if(items.begin(), items.end(),
                    [&](const Value& item) { return equal(in.heap(), given[0], item); }));
}

Value index_of_item(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("index", arguments, {"value"}, 1);
  const auto all = items_of(in.heap(), self);
  const Values& items = all->items;
  const auto found = std::find_if(items.begin(), items.end(), [&](const Value& item) {
    return equal(in.heap(), given[0], item);
  });
  if (found == items.end()) throw Failure("index: the value is not in the list");
  return static_cast<std::int64_t>(found - items.begin());
}

Value itself(Interpreter&, const Value& self, Arguments&) { return self; }

constexpr std::array kListMethods = {
    MethodEntry{"copy", itself},         MethodEntry{"count", count_item},
    MethodEntry{"index", index_of_item}, MethodEntry{"append", nullptr},
    MethodEntry{"clear", nullptr},       MethodEntry{"extend", nullptr},
    MethodEntry{"insert", nullptr},      MethodEntry{"pop", nullptr},
    MethodEntry{"remove", nullptr},      MethodEntry{"reverse", nullptr},
    MethodEntry{"sort", nullptr}};
constexpr std::array kTupleMethods = {MethodEntry{"count", count_item},
                                      MethodEntry{"index", index_of_item}};

template <int which>  // 0: keys, 1: values, 2: both
Value view(Interpreter& in, const Value& self, Arguments& arguments) {
  static constexpr std::array<const char*, 3> kNames = {"dict_keys", "dict_values", "dict_items"};
  const Bound none(kNames[which], arguments, {});
  Values items;
  for (const auto& [key, value] : as<Dict>(self)->entries) {
    items.push_back(which == 0 ? key : which == 1 ? value : in.heap().tuple({key, value}));
  }
  auto list = std::get<std::shared_ptr<const List>>(in.heap().list(std::move(items)));
  return std::make_shared<const View>(View{kNames[which], std::move(list)});
}

Value get(Interpreter& in, const Value& self, Arguments& arguments) {
  const Bound given("get", arguments, {"key", "default"}, 1);
  const Value* const found = find(in.heap(), *as<Dict>(self), given[0]);
  return found ? *found : given.has(1) ? given[1] : Value(None{});
}

constexpr std::array kDictMethods = {
    MethodEntry{"copy", itself},      MethodEntry{"get", get},
    MethodEntry{"items", view<2>},    MethodEntry{"keys", view<0>},
    MethodEntry{"values", view<1>},   MethodEntry{"clear", nullptr},
    MethodEntry{"fromkeys", nullptr}, MethodEntry{"pop", nullptr},
    MethodEntry{"popitem", nullptr},  MethodEntry{"setdefault", nullptr},
    MethodEntry{"update", nullptr}};

}  // namespace

std::span<const MethodEntry> list_methods() { return kListMethods; }
std::span<const MethodEntry> tuple_methods() { return kTupleMethods; }
std::span<const MethodEntry> dict_methods() { return kDictMethods; }

}  // namespace unmask::jinja
