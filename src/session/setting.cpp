#include "session/setting.h"

#include "base/json_text.h"
#include "base/utf8.h"
#include "options/values.h"

namespace unmask {

std::optional<std::string> text_of(bool value) {
  return value ? std::optional<std::string>("on") : std::nullopt;
}

std::optional<std::string> text_of(int value) { return std::to_string(value); }
std::optional<std::string> text_of(std::uint64_t value) { return std::to_string(value); }

std::optional<std::string> text_of(double value) {
  return value == 0 ? std::nullopt : std::optional(number_text(value));
}

std::optional<std::string> text_of(const std::string& value) {
  return value.empty() ? std::nullopt : std::optional(value);
}

std::optional<std::string> text_of(const std::vector<int>& ids) {
  std::string text;
  for (const int id : ids) text += (text.empty() ? "" : " ") + std::to_string(id);
  return text;
}

std::optional<std::string> text_of(const std::vector<std::string>& texts) {
  return texts.empty() ? std::nullopt : std::optional(json_text(texts));
}

void refuse_choice(std::string_view flag, std::string_view text,
                   const std::vector<std::string>& known) {
  std::string names;
  for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
  throw Error(ErrorCode::usage,
              std::string(flag) + " is '" + utf8::printable(text) + "'; it is one of " + names);
}

}  // namespace unmask
