#include "text/chat_template.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "base/utf8.h"
#include "text/jinja/evaluator.h"
#include "text/jinja/parser.h"
#include "text/jinja/python_text.h"

namespace unmask {
namespace {

// Marks where the last message ends, as transformers does it.
constexpr std::string_view kMark = "CONTINUE_FINAL_MESSAGE_TAG ";

using jinja::Heap;
using jinja::Value;
using jinja::Values;

Value to_value(Heap& heap, const OrderedJson& json);

Value number(const OrderedJson& json) {
  if (json.is_number_float()) return json.get<double>();
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX) {
    throw Error(ErrorCode::usage, "the integer " + json.dump() + " is beyond 64 bits");
  }
  return json.get<std::int64_t>();
}

Value object(Heap& heap, const OrderedJson& json) {
  std::vector<std::pair<Value, Value>> entries;
  for (const auto& [key, value] : json.items()) {
    entries.emplace_back(heap.given(key), to_value(heap, value));
  }
  return heap.dict(std::move(entries));
}

Value to_value(Heap& heap, const OrderedJson& json) {
  switch (json.type()) {
    case OrderedJson::value_t::null:
      return jinja::None{};
    case OrderedJson::value_t::boolean:
      return json.get<bool>();
    case OrderedJson::value_t::string:
      return heap.given(json.get_ref<const std::string&>());
    case OrderedJson::value_t::array: {
      Values items;
      for (const OrderedJson& item : json) items.push_back(to_value(heap, item));
      return heap.list(std::move(items));
    }
    case OrderedJson::value_t::object:
      return object(heap, json);
    case OrderedJson::value_t::number_integer:
    case OrderedJson::value_t::number_unsigned:
    case OrderedJson::value_t::number_float:
      return number(json);
    default:
      throw Error(ErrorCode::usage, "a conversation holds a number that is out of range");
  }
}

// Templates build tokens of roles, "<|" + role + "|>". Whoever gives the messages only chooses
// among these; any other role is given text.
bool is_usual_role(std::string_view role) {
  static constexpr std::array<std::string_view, 7> kRoles = {
      "system", "user", "assistant", "tool", "developer", "function", "ipython"};
  return std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end();
}

bool is_role(std::string_view key, const OrderedJson& value) {
  return key == "role" && value.is_string() && is_usual_role(value.get_ref<const std::string&>());
}

Value message_value(Heap& heap, const OrderedJson& message) {
  if (!message.is_object()) return to_value(heap, message);
  std::vector<std::pair<Value, Value>> entries;
  for (const auto& [key, value] : message.items()) {
    entries.emplace_back(heap.given(key), is_role(key, value)
                                              ? heap.own(value.get_ref<const std::string&>())
                                              : to_value(heap, value));
  }
  return heap.dict(std::move(entries));
}

// Keys without a value are dropped; thoughts are found under every name that templates look for.
OrderedJson normalized(const OrderedJson& message) {
  if (!message.is_object()) return message;
  OrderedJson result = OrderedJson::object();
  auto& members = result.get_ref<OrderedJson::object_t&>();
  for (const auto& [key, value] : message.items()) {
    if (!value.is_null()) members.emplace_back(key, value);
  }
  for (const char* key : {"reasoning_content", "thinking", "reasoning"}) {
    if (!result.contains(key)) continue;
    const OrderedJson thoughts = result.at(key);
    result["reasoning_content"] = thoughts;
    if (!result.contains("thinking")) result["thinking"] = thoughts;
    break;
  }
  return result;
}

// How much there is to render, in bytes.
std::uint64_t size_of(const OrderedJson& json) {
  constexpr std::uint64_t kValue = 32;
  if (json.is_string()) return kValue + json.get_ref<const std::string&>().size();
  std::uint64_t size = kValue;
  if (json.is_structured()) {
    for (const auto& [key, value] : json.items()) size += key.size() + size_of(value);
  }
  return size;
}

// A long conversation may take more than a short one.
jinja::Limits grown(jinja::Limits limits, const Conversation& conversation) {
  std::uint64_t size = size_of(conversation.messages) + size_of(conversation.tools) +
                       size_of(conversation.documents);
  for (const auto& [name, value] : conversation.variables) size += size_of(value);
  limits.steps += size;
  limits.memory += 8 * size;
  return limits;
}

[[noreturn]] void cannot_continue() {
  throw Error(
      ErrorCode::usage,
      "the last message cannot be continued: its text is not in what the template makes of it");
}

// The text of the last message, to which the mark is added.
std::string mark_final_message(OrderedJson& messages) {
  if (messages.empty() || !messages.back().is_object() || !messages.back().contains("content")) {
    cannot_continue();
  }
  OrderedJson* text = &messages.back()["content"];
  if (text->is_array()) {
    OrderedJson* last = nullptr;
    for (OrderedJson& part : *text) {
      if (part.is_object() && part.contains("text")) last = &part["text"];
    }
    text = last;
  }
  if (text == nullptr || !text->is_string()) cannot_continue();
  std::string before = text->get<std::string>();
  *text = before + std::string(kMark);
  return before;
}

std::string_view trimmed(std::string_view text) {
  text = text.substr(jinja::leading_spaces(text));
  return text.substr(0, jinja::end_without_spaces(text));
}

// Without the mark and all that comes after it.
jinja::Text cut_at_mark(const jinja::Text& text, const std::string& final_message) {
  const std::string_view bytes = text.bytes();
  const std::size_t at = bytes.rfind(trimmed(kMark));
  if (at == std::string_view::npos ||
      bytes.find(trimmed(final_message)) == std::string_view::npos) {
    cannot_continue();
  }
  const bool whole = bytes.substr(at).starts_with(kMark);
  return text.part(0, whole ? at : jinja::end_without_spaces(bytes.substr(0, at)));
}

std::vector<ChatSegment> segments_of(const jinja::Text& text) {
  std::vector<ChatSegment> segments;
  text.each_run(0, text.size(), [&](std::size_t from, std::size_t to, bool own) {
    segments.push_back({std::string(text.bytes().substr(from, to - from)), own});
  });
  return segments;
}

}  // namespace

ChatTemplate ChatTemplate::parse(std::string_view text, const std::string& name,
                                 const jinja::Limits& limits) {
  ChatTemplate result;
  result.program_ = jinja::parse(text, name, limits);
  result.text_ = text;
  result.limits_ = limits;
  return result;
}

std::vector<ChatSegment> ChatTemplate::render(const Conversation& conversation,
                                              std::int64_t now) const {
  OrderedJson messages = OrderedJson::array();
  for (const OrderedJson& message : conversation.messages) messages.push_back(normalized(message));
  std::string final_message;
  if (conversation.continue_final_message) {
    if (text_.find("content") == std::string::npos) cannot_continue();
    final_message = mark_final_message(messages);
  }
  jinja::Evaluator evaluator(*program_, grown(limits_, conversation), now);
  Heap& heap = evaluator.heap();
  Values values;
  for (const OrderedJson& message : messages) values.push_back(message_value(heap, message));
  evaluator.set("messages", heap.list(std::move(values)));
  evaluator.set("tools", to_value(heap, conversation.tools));
  evaluator.set("documents", to_value(heap, conversation.documents));
  evaluator.set("add_generation_prompt", conversation.add_generation_prompt);
  if (conversation.bos_token) evaluator.set("bos_token", heap.own(*conversation.bos_token));
  if (conversation.eos_token) evaluator.set("eos_token", heap.own(*conversation.eos_token));
  for (const auto& [name, value] : conversation.variables)
    evaluator.set(name, to_value(heap, value));
  const jinja::Text text = evaluator.run();
  return segments_of(conversation.continue_final_message ? cut_at_mark(text, final_message) : text);
}

bool ChatTemplate::uses(std::string_view variable) const {
  const auto& names = program_->names;
  return std::find(names.begin(), names.end(), variable) != names.end();
}

std::int64_t local_now() {
  std::tm local{};
  if (const char* const set = std::getenv("UNMASK_NOW")) {
    const int read = std::sscanf(set, "%d-%d-%dT%d:%d:%d", &local.tm_year, &local.tm_mon,
                                 &local.tm_mday, &local.tm_hour, &local.tm_min, &local.tm_sec);
    if (read != 3 && read != 6) {
      throw Error(ErrorCode::usage,
                  "UNMASK_NOW is '" + utf8::printable(set) + "', not a date and a time",
                  "write it as 2025-03-04T05:06:07");
    }
    local.tm_year -= 1900;
    local.tm_mon -= 1;
  } else {
    const std::time_t now = std::time(nullptr);
    ::localtime_r(&now, &local);
  }
  return ::timegm(&local);
}

}  // namespace unmask
