#include "batch/fingerprint.h"

#include <algorithm>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"

namespace unmask {
namespace {

constexpr std::uint64_t kLimit = std::uint64_t{1} << 20;

/// "/options/top-k" as "options.top-k".
std::string name_of(const std::string& pointer) {
  std::string name = pointer.substr(std::min<std::size_t>(1, pointer.size()));
  std::replace(name.begin(), name.end(), '/', '.');
  return utf8::printable(name);
}

std::string value_text(const OrderedJson& flat, const std::string& key) {
  return flat.contains(key) ? utf8::printable(flat.at(key).dump()) : "absent";
}

}  // namespace

std::string fingerprint_name(const std::string& out) { return out + ".unmask"; }

std::optional<OrderedJson> read_fingerprint(const std::string& out) {
  const std::string path = fingerprint_name(out);
  std::error_code problem;
  if (!std::filesystem::exists(path, problem)) return std::nullopt;
  const std::string text = read_file(path, kLimit);
  const Json checked = parse_json(text, display(path));
  if (!checked.is_object()) {
    throw Error(ErrorCode::checkpoint, display(path) + ": is no JSON object",
                "without that file, --force-resume goes on");
  }
  return OrderedJson::parse(text);  // the same, with its keys in order
}

void write_fingerprint(const std::string& out, const OrderedJson& fingerprint) {
  write_file_atomically(fingerprint_name(out), fingerprint.dump(2) + '\n');
}

std::string other_build(const OrderedJson& before, const OrderedJson& now) {
  const auto schema = [](const OrderedJson& fingerprint) {
    const auto found = fingerprint.find("schema");
    const bool known = found != fingerprint.end() && found->is_number_integer();
    return known ? found->get<std::int64_t>() : 0;
  };
  if (schema(before) == schema(now)) return "";
  return schema(before) < schema(now) ? "an earlier" : "a later";
}

std::string differences(const OrderedJson& before, const OrderedJson& now) {
  const OrderedJson old_values = before.flatten();
  const OrderedJson values = now.flatten();
  std::vector<std::string> keys;
  for (const auto& [key, value] : values.items()) keys.push_back(key);
  for (const auto& [key, value] : old_values.items()) {
    if (!values.contains(key)) keys.push_back(key);
  }
  std::string lines;
  for (const std::string& key : keys) {
    if (old_values.contains(key) && values.contains(key) && old_values.at(key) == values.at(key)) {
      continue;
    }
    lines += (lines.empty() ? "" : "\n  ") + name_of(key) + " was " + value_text(old_values, key) +
             ", is " + value_text(values, key);
  }
  return lines;
}

}  // namespace unmask
