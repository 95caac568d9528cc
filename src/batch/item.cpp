#include "batch/item.h"

#include <algorithm>
#include <limits>

#include "base/hash.h"
#include "base/log.h"
#include "base/values.h"
#include "batch/line_options.h"
#include "batch/openai.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr std::size_t kMaxIdBytes = 512;
constexpr std::size_t kMaxWarnings = 100;

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

InputLine to_input_line(Line line) {
  return {.number = line.number, .text = std::move(line.text), .too_long = line.too_long_bytes};
}

Json BatchItem::shown_id() const {
  return id.is_null() ? Json("line-" + std::to_string(line)) : id;
}

void ItemReader::read(const InputLine& line, std::uint64_t seed, BatchItem& item) {
  item.line = line.number;
  item.settings = job_.settings;
  item.settings.run.seed.reset();
  if (line.too_long > 0) {
    throw Error(ErrorCode::usage, "the line is " + format_size(line.too_long) +
                                      " long, the limit is " + format_size(job_.options.max_line));
  }
  if (job_.options.lines) {
    item.format = LineFormat::text;
    item.prompt.text = checked_text(line.text, "the line", job_.settings.prompt.lossy);
  } else {
    read_json(line, item);
  }
  std::optional<std::uint64_t>& own_seed = item.settings.run.seed;
  if (!own_seed) own_seed = seed_of(seed, item.shown_id().dump());
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
  check_model(read_openai_line(job_, root, item, unknown));
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
    if (!read && !set_line_option(job_, key, line.at(key), item.settings)) warn_once(key);
  }
}

void ItemReader::check_model(const std::string& model) const {
  const std::string named = job_.settings.model.model.value_or("");
  const std::string folder = folder_.filename().native();
  if (model.empty() || model == named || model == folder || model == folder_.native()) return;
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
