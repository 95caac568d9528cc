#include "cli/batch_item.h"

#include <algorithm>
#include <limits>

#include "base/hash.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/openai.h"
#include "cli/values.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr std::size_t kMaxIdBytes = 512;
constexpr std::size_t kMaxWarnings = 100;

const Flag* find_batch_flag(std::string_view name) {
  return find_flag(*find_command("batch"), name);
}

/// The value as it would have been typed.
std::string as_typed(const JsonField& field) {
  const Json& value = field.value();
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return value.dump();
  if (const auto number = unread_number(value)) return *number;  // for the option to refuse
  if (!value.is_array()) throw field.error("is neither a number nor a text");
  std::string ids;
  for (const int id : to_ids(field)) ids += (ids.empty() ? "" : " ") + std::to_string(id);
  return ids;
}

/// A switch is turned on, or off by its negation; what has none is off unless it is turned on.
void set_switch(Args& args, const Flag& flag, bool on) {
  const Flag* set = on ? &flag : find_batch_flag("no-" + flag.name);
  if (set != nullptr) set->set(args, "");
}

void set_stops(Args& args, const Flag& flag, const JsonField& value) {
  args.stops.clear();
  if (value.value().is_string()) return flag.set(args, value.text());
  for (std::size_t i = 0; i < value.size(); ++i) flag.set(args, value.at(i).text());
}

const char* id_key(const Json& line) { return is_openai_line(line) ? "custom_id" : "id"; }

/// A text of at most 512 bytes; in lines of our own also a whole number.
Json read_id(const JsonField& field, bool may_be_number) {
  if (may_be_number && field.value().is_number_integer()) return field.value();
  std::string id = field.text();
  if (id.size() > kMaxIdBytes) {
    throw Error(ErrorCode::usage, field.where() + " is " + std::to_string(id.size()) +
                                      " bytes long, the limit is " + std::to_string(kMaxIdBytes));
  }
  return id;
}

/// FNV-1a, and splitmix64's last step so that seeds of similar ids have nothing in common. 53 bits:
/// every reader of JSON keeps them.
std::uint64_t seed_of(std::uint64_t seed, std::string_view id) {
  std::uint64_t mixed = fnv1a(id, kFnvStart ^ seed);
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
  return (mixed ^ mixed >> 31) >> 11;
}

void refuse_several_prompts(const JsonField& line) {
  const int given = line.has("prompt") + line.has("messages") + line.has("ids");
  if (given == 1) return;
  throw Error(ErrorCode::usage,
              line.where() + (given == 0 ? " there is no prompt" : " there are several prompts"),
              "give one of \"prompt\", \"messages\" and \"ids\"");
}

}  // namespace

Json find_line_id(std::string_view text) {
  try {
    const Json line = parse_json(text, "", ErrorCode::usage);
    const auto id = line.is_object() ? line.find(id_key(line)) : line.end();
    return id == line.end() ? Json() : *id;
  } catch (const Error&) {
    return {};  // it is reported where the line is answered
  }
}

bool set_line_option(Args& args, const std::string& key, const JsonField& value) {
  std::string name = key;
  std::replace(name.begin(), name.end(), '_', '-');
  const Flag* flag = find_batch_flag(name);
  if (flag == nullptr) return false;
  if (!flag->per_line) {
    throw value.error("can only be set for the whole run", "unmask batch --" + name);
  }
  std::erase_if(args.decoding, [&](const auto& option) { return option.first == name; });
  if (name == "stop") {
    set_stops(args, *flag, value);
  } else if (flag->value.empty()) {
    set_switch(args, *flag, value.boolean());
  } else {
    flag->set(args, as_typed(value));
  }
  return true;
}

InputLine to_input_line(Line line) {
  return {.number = line.number, .text = std::move(line.text), .too_long = line.too_long_bytes};
}

Json BatchItem::shown_id() const {
  return id.is_null() ? Json("line-" + std::to_string(line)) : id;
}

void ItemReader::read(const InputLine& line, std::uint64_t seed, BatchItem& item) {
  item.line = line.number;
  item.args = args_;
  item.args.seed.reset();
  if (line.too_long > 0) {
    throw Error(ErrorCode::usage, "the line is " + format_size(line.too_long) +
                                      " long, the limit is " + format_size(args_.max_line));
  }
  if (args_.lines) {
    item.format = LineFormat::text;
    item.prompt.text = checked_text(args_, line.text, "the line");
  } else {
    read_json(line, item);
  }
  if (!item.args.seed) item.args.seed = seed_of(seed, item.shown_id().dump());
}

void ItemReader::read_json(const InputLine& line, BatchItem& item) {
  const std::string source = "line " + std::to_string(line.number);
  const Json json = parse_json(line.text, source, ErrorCode::usage);
  const JsonField root(json, source + ":", ErrorCode::usage);
  if (!json.is_object()) throw root.error("is no object");
  const bool openai = is_openai_line(json);
  if (openai) item.format = LineFormat::openai_chat;  // so far as is known
  if (root.has(id_key(json))) item.id = read_id(root.at(id_key(json)), !openai);
  if (!openai) return read_own(root, item);
  std::vector<std::string> unknown;
  check_model(read_openai_line(root, item, unknown));
  for (const std::string& key : unknown) warn_once(key);
}

void ItemReader::read_own(const JsonField& line, BatchItem& item) {
  refuse_several_prompts(line);
  if (line.has("prompt")) item.prompt.text = line.at("prompt").text();
  if (line.has("messages")) item.prompt.messages = to_messages(line.at("messages"));
  if (line.has("ids")) item.prompt.ids = to_ids(line.at("ids"));
  check_model(line.text_or("model", ""));
  for (const auto& [key, value] : line.value().items()) {
    const bool read = key == "id" || key == "prompt" || key == "messages" || key == "ids" ||
                      key == "model" || value.is_null();
    if (!read && !set_line_option(item.args, key, line.at(key))) warn_once(key);
  }
}

void ItemReader::check_model(const std::string& model) const {
  const std::string named = args_.model.value_or("");
  const std::string folder = setup_.folder.filename().native();
  if (model.empty() || model == named || model == folder || model == setup_.folder.native()) return;
  throw Error(ErrorCode::usage,
              "the line is for the model '" + model + "', this run has '" + folder + "'",
              "leave \"model\" out, or name that model with -m");
}

void ItemReader::warn_once(const std::string& key) {
  const bool enough = unknown_keys_.size() >= kMaxWarnings;
  if (enough || !unknown_keys_.insert(key).second) return;
  log::warning("'" + key + "' is no option and is left out, in this line and those that follow");
}

}  // namespace unmask
