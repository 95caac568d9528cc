#include <algorithm>
#include <array>
#include <set>

#include "text/jinja/filter_tables.h"
#include "text/jinja/operators.h"
#include "text/jinja/python_text.h"
#include "text/jinja/strings.h"

namespace unmask::jinja {
namespace {

// "address.0.city" as the keys to follow.
Values path_of(Interpreter& in, const Value& attribute) {
  if (is_undefined(attribute) || is_none(attribute)) return {};
  const String* const text = as_string(attribute);
  if (text == nullptr) return {attribute};
  Values path;
  std::string_view rest = text->text.bytes();
  while (true) {
    const std::string_view part = rest.substr(0, rest.find('.'));
    const bool number = !part.empty() && part.size() < 10 &&
                        part.find_first_not_of("0123456789") == std::string_view::npos;
    path.push_back(number ? Value(std::int64_t{std::stoi(std::string(part))})
                          : in.heap().own(part));
    if (part.size() == rest.size()) return path;
    rest.remove_prefix(part.size() + 1);
  }
}

Value followed(Interpreter& in, Value value, const Values& path) {
  for (const Value& key : path) value = item(in, value, key);
  return value;
}

Value without_case(Interpreter& in, const Value& value) {
  const String* const text = as_string(value);
  return text ? in.heap().string(with_case(in.heap(), text->text, Case::lower)) : value;
}

// What an item is compared by.
Value key_of(Interpreter& in, const Value& item, const Values& path, bool case_sensitive) {
  const Value key = followed(in, item, path);
  return case_sensitive ? key : without_case(in, key);
}

// The items for which `keep` holds, or what it makes of them; a failure waits until they are read.
template <typename Each>
Value generated(Interpreter& in, const Value& input, Each each) {
  Values result;
  try {
    for (const auto all = items_of(in.heap(), input); const Value& item : all->items) {
      in.heap().work();
      each(item, result);
      in.heap().room(result.size() * sizeof(Value));
    }
  } catch (const LimitReached&) {
    throw;
  } catch (const Failure&) {
    return in.heap().generator(std::move(result), std::current_exception());
  }
  return in.heap().generator(std::move(result));
}

std::optional<Value> taken(Arguments& arguments, std::string_view name) {
  for (auto entry = arguments.named.begin(); entry != arguments.named.end(); ++entry) {
    if (entry->first != name) continue;
    Value value = std::move(entry->second);
    arguments.named.erase(entry);
    return value;
  }
  return std::nullopt;
}

std::string name_in_front(Arguments& arguments, const char* problem) {
  if (arguments.positional.empty()) throw Failure(problem);
  const Value name = std::move(arguments.positional.front());
  arguments.positional.erase(arguments.positional.begin());
  require_defined(name);
  if (!as_string(name)) throw Failure(std::string(problem) + ", as a string");
  return std::string(bytes_of(name));
}

Value map(Interpreter& in, const Value& input, Arguments& arguments) {
  if (!is_true(input)) return in.heap().generator({});
  if (arguments.positional.empty() && !arguments.named.empty()) {
    const auto attribute = taken(arguments, "attribute");
    const auto otherwise = taken(arguments, "default");
    if (!attribute || !arguments.named.empty()) throw Failure("map takes a filter or attribute=");
    const Values path = path_of(in, *attribute);
    return generated(in, input, [&](Value item, Values& result) {
      for (const Value& key : path) {
        item = jinja::item(in, item, key);
        if (otherwise && !is_none(*otherwise) && is_undefined(item)) item = *otherwise;
      }
      result.push_back(std::move(item));
    });
  }
  const std::string name = name_in_front(arguments, "map needs the name of a filter");
  return generated(in, input, [&](const Value& item, Values& result) {
    Arguments copy = arguments;
    result.push_back(in.filtered(name, item, copy));
  });
}

template <bool keep, bool by_attribute>
Value select(Interpreter& in, const Value& input, Arguments& arguments) {
  if (!is_true(input)) return in.heap().generator({});
  Values path;
  if (by_attribute) {
    if (arguments.positional.empty()) throw Failure("selectattr and rejectattr need an attribute");
    path = path_of(in, arguments.positional.front());
    arguments.positional.erase(arguments.positional.begin());
  }
  const bool plain = arguments.positional.empty();
  const std::string name = plain ? "" : name_in_front(arguments, "a test is named by a string");
  return generated(in, input, [&](const Value& item, Values& result) {
    const Value value = followed(in, item, path);
    Arguments copy = arguments;
    const bool holds = plain ? is_true(value) : in.tested(name, value, copy);
    if (holds == keep) result.push_back(item);
  });
}

Value first(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("first", arguments, {});
  if (const auto* generator = std::get_if<std::shared_ptr<Generator>>(&input)) {
    Generator& items = **generator;
    if (items.next < items.items.size()) return items.items[items.next++];
  }
  if (as_string(input) && is_true(input)) return item(in, input, std::int64_t{0});
  const auto items = items_of(in.heap(), input);
  return items->items.empty() ? undefined("there is no first item") : items->items.front();
}

Value last(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("last", arguments, {});
  if (std::holds_alternative<std::shared_ptr<Generator>>(input)) {
    throw Failure("last: a generator cannot be read backwards");
  }
  if (as_string(input) && is_true(input)) return item(in, input, std::int64_t{-1});
  const auto items = items_of(in.heap(), input);
  return items->items.empty() ? undefined("there is no last item") : items->items.back();
}

Value join(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("join", arguments, {"d", "attribute"});
  const Text separator = given.has(0) ? to_text(in, given[0]) : Text();
  const Values path = path_of(in, given.has(1) ? given[1] : Value(None{}));
  Text result;
  bool is_first = true;
  for (const auto all = items_of(in.heap(), input); const Value& item : all->items) {
    if (!is_first) result.append(separator);
    is_first = false;
    const Text text = to_text(in, followed(in, item, path));
    in.heap().work(1 + (text.size() + separator.size()) / 64);
    in.heap().room(result.size() + text.size() + separator.size());
    result.append(text);
  }
  return in.heap().string(std::move(result));
}

Value list(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("list", arguments, {});
  return items_of(in.heap(), input);
}

Values entries_of(Interpreter& in, const Dict& dict) {
  Values entries;
  for (const auto& [key, value] : dict.entries) entries.push_back(in.heap().tuple({key, value}));
  return entries;
}

Value items(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("items", arguments, {});
  if (is_undefined(input)) return in.heap().generator({});
  if (const Dict* dict = as<Dict>(input)) return in.heap().generator(entries_of(in, *dict));
  return in.heap().generator({}, std::make_exception_ptr(Failure("items: this is no mapping")));
}

// Items with what they are compared by.
using Keyed = std::vector<std::pair<Value, Value>>;

void sort_keyed(Interpreter& in, Keyed& items, bool reverse) {
  std::stable_sort(items.begin(), items.end(), [&](const auto& a, const auto& b) {
    return reverse ? less(in.heap(), b.first, a.first) : less(in.heap(), a.first, b.first);
  });
}

Value values_of(Interpreter& in, Keyed&& items) {
  Values result;
  for (auto& [key, value] : items) result.push_back(std::move(value));
  return in.heap().list(std::move(result));
}

Value dictsort(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("dictsort", arguments, {"case_sensitive", "by", "reverse"});
  const std::string_view by = given.has(1) ? given.string(1).text.bytes() : "key";
  if (by != "key" && by != "value") throw Failure("dictsort: by is 'key' or 'value'");
  require_defined(input);
  const Dict* const dict = as<Dict>(input);
  if (dict == nullptr) throw Failure("dictsort: '" + type_name(input) + "' is no dict");
  Keyed keyed;
  for (const Value& entry : entries_of(in, *dict)) {
    const Value& key = as<Tuple>(entry)->items[by == "key" ? 0 : 1];
    keyed.emplace_back(given.boolean(0, false) ? key : without_case(in, key), entry);
  }
  sort_keyed(in, keyed, given.boolean(2, false));
  return values_of(in, std::move(keyed));
}

Value sort(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("sort", arguments, {"reverse", "case_sensitive", "attribute"});
  std::vector<Values> paths;  // "name,age"
  if (given.has(2) && as_string(given[2])) {
    std::string_view rest = bytes_of(given[2]);
    while (true) {
      const std::string_view part = rest.substr(0, rest.find(','));
      paths.push_back(path_of(in, in.heap().own(part)));
      if (part.size() == rest.size()) break;
      rest.remove_prefix(part.size() + 1);
    }
  } else {
    paths.push_back(path_of(in, given.has(2) ? given[2] : Value(None{})));
  }
  const bool exact = given.boolean(1, false);
  Keyed keyed;
  for (const auto all = items_of(in.heap(), input); const Value& item : all->items) {
    Values keys;
    for (const Values& path : paths) keys.push_back(key_of(in, item, path, exact));
    in.heap().room((keyed.size() + 1) * 2 * sizeof(Value));
    keyed.emplace_back(in.heap().list(std::move(keys)), item);
  }
  sort_keyed(in, keyed, given.boolean(0, false));
  return values_of(in, std::move(keyed));
}

Value unique(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("unique", arguments, {"case_sensitive", "attribute"});
  const Values path = path_of(in, given.has(1) ? given[1] : Value(None{}));
  const bool exact = given.boolean(0, false);
  std::set<std::string> seen;
  std::uint64_t bytes = 0;
  return generated(in, input, [&](const Value& item, Values& result) {
    const std::string key = key_text(in.heap(), key_of(in, item, path, exact));
    in.heap().room(bytes += key.size() + 64);
    if (seen.insert(key).second) result.push_back(item);
  });
}

template <bool largest>
Value extreme(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("min and max", arguments, {"case_sensitive", "attribute"});
  const Values path = path_of(in, given.has(1) ? given[1] : Value(None{}));
  const bool exact = given.boolean(0, false);
  const auto items = items_of(in.heap(), input);
  if (items->items.empty()) return undefined("there is no smallest or largest of no items");
  const Value* best = nullptr;
  Value best_key = None{};
  for (const Value& item : items->items) {
    Value key = key_of(in, item, path, exact);
    const bool better = best == nullptr ||
                        (largest ? less(in.heap(), best_key, key) : less(in.heap(), key, best_key));
    if (!better) continue;
    best = &item;
    best_key = std::move(key);
  }
  return *best;
}

Value sum(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("sum", arguments, {"attribute", "start"});
  const Values path = path_of(in, given.has(0) ? given[0] : Value(None{}));
  Value total = given.has(1) ? given[1] : Value(std::int64_t{0});
  if (as_string(total)) throw Failure("sum does not add strings");
  for (const auto all = items_of(in.heap(), input); const Value& item : all->items) {
    total = arithmetic(in, Operator::add, total, followed(in, item, path));
  }
  return total;
}

Value reverse(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound none("reverse", arguments, {});
  if (as_string(input)) return slice(in, input, None{}, None{}, std::int64_t{-1});
  Values result = items_of(in.heap(), input)->items;
  std::reverse(result.begin(), result.end());
  if (std::holds_alternative<std::shared_ptr<Generator>>(input))
    return in.heap().list(std::move(result));
  return in.heap().generator(std::move(result));
}

Value batch(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("batch", arguments, {"linecount", "fill_with"}, 1);
  const std::int64_t size = given.integer(0, 1);
  Values rows, row;
  const auto finish = [&] { rows.push_back(in.heap().list(std::exchange(row, {}))); };
  for (const auto all = items_of(in.heap(), input); const Value& item : all->items) {
    if (std::ssize(row) == size) finish();
    row.push_back(item);
  }
  if (!row.empty()) {
    if (given.has(1) && !is_none(given[1]) && std::ssize(row) < size) {
      in.heap().room(static_cast<std::uint64_t>(size) * sizeof(Value));
      row.resize(static_cast<std::size_t>(size), given[1]);
    }
    finish();
  }
  return in.heap().generator(std::move(rows));
}

Value slices(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("slice", arguments, {"slices", "fill_with"}, 1);
  const auto items = items_of(in.heap(), input);
  const std::int64_t count = given.integer(0, 1);
  if (count < 1) throw Failure("slice: at least one slice");
  const std::int64_t each = std::ssize(items->items) / count,
                     longer = std::ssize(items->items) % count;
  Values rows;
  std::int64_t at = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t size = each + (i < longer ? 1 : 0);
    Values row(items->items.begin() + at, items->items.begin() + at + size);
    at += size;
    if (given.has(1) && !is_none(given[1]) && i >= longer) row.push_back(given[1]);
    in.heap().work();
    in.heap().room(rows.size() * sizeof(Value));
    rows.push_back(in.heap().list(std::move(row)));
  }
  return in.heap().generator(std::move(rows));
}

Value groupby(Interpreter& in, const Value& input, Arguments& arguments) {
  const Bound given("groupby", arguments, {"attribute", "default", "case_sensitive"}, 1);
  const Values path = path_of(in, given[0]);
  const bool exact = given.boolean(2, false);
  const auto original = [&](const Value& item) {
    Value key = followed(in, item, path);
    return is_undefined(key) && given.has(1) ? given[1] : key;
  };
  Keyed keyed;
  for (const auto all = items_of(in.heap(), input); const Value& item : all->items) {
    in.heap().room((keyed.size() + 1) * 2 * sizeof(Value));
    keyed.emplace_back(exact ? original(item) : without_case(in, original(item)), item);
  }
  sort_keyed(in, keyed, false);
  Values groups;
  for (std::size_t from = 0; from < keyed.size();) {
    Values members;
    std::size_t to = from;
    for (; to < keyed.size() && equal(in.heap(), keyed[to].first, keyed[from].first); ++to) {
      members.push_back(keyed[to].second);
    }
    Value key = exact ? keyed[from].first : original(members.front());
    groups.push_back(in.heap().tuple({std::move(key), in.heap().list(std::move(members))}));
    from = to;
  }
  return in.heap().list(std::move(groups));
}

constexpr std::array kFilters = {Filter{"batch", batch},
                                 Filter{"dictsort", dictsort},
                                 Filter{"first", first},
                                 Filter{"groupby", groupby},
                                 Filter{"items", items},
                                 Filter{"join", join},
                                 Filter{"last", last},
                                 Filter{"list", list},
                                 Filter{"map", map},
                                 Filter{"max", extreme<true>},
                                 Filter{"min", extreme<false>},
                                 Filter{"reject", select<false, false>},
                                 Filter{"rejectattr", select<false, true>},
                                 Filter{"reverse", reverse},
                                 Filter{"select", select<true, false>},
                                 Filter{"selectattr", select<true, true>},
                                 Filter{"slice", slices},
                                 Filter{"sort", sort},
                                 Filter{"sum", sum},
                                 Filter{"unique", unique}};

}  // namespace

std::span<const Filter> list_filters() { return kFilters; }

}  // namespace unmask::jinja
