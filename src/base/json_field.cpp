// JsonField of json.h.
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "base/json.h"
#include "base/utf8.h"

namespace unmask {
namespace {

constexpr std::size_t kLongestShown = 60;

// "0", "\"silu\"", "an object": what a message says that a field is.
std::string shown(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  if (const auto number = unread_number(value)) {
    const bool is_word = number->find_first_of("0123456789") == std::string::npos;
    return utf8::printable(*number, kLongestShown) + (is_word ? "" : ", which is out of range");
  }
  constexpr auto kReplace = Json::error_handler_t::replace;
  return utf8::printable(value.dump(-1, ' ', false, kReplace), kLongestShown);
}

template <typename Number>
std::string decimal(Number number) {
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return {buffer.data(), result.ptr};
}

// " of at least 1", " from 1 to 9"; nothing for a bound that excludes no value.
template <typename Number>
std::string range(Number minimum, Number maximum) {
  const bool below = minimum != std::numeric_limits<Number>::lowest();
  const bool above = maximum != std::numeric_limits<Number>::max();
  if (below && above) return " from " + decimal(minimum) + " to " + decimal(maximum);
  if (below) return " of at least " + decimal(minimum);
  if (above) return " of at most " + decimal(maximum);
  return "";
}

std::optional<std::int64_t> as_integer(const Json& value) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > kLargest) return std::nullopt;
  return value.get<std::int64_t>();
}

}  // namespace

JsonField::JsonField(const Json& value, std::string where, ErrorCode code)
    : value_(&value), where_(std::move(where)), code_(code) {}

Error JsonField::error(const std::string& problem, std::string hint) const {
  return Error(code_, where_ + " " + problem, std::move(hint));
}

// "FILE: 'a'" and "b" make "FILE: 'a.b'".
std::string JsonField::where_of(const std::string& member, std::string_view separator) const {
  if (!where_.ends_with('\'')) return where_ + " '" + member + "'";
  return where_.substr(0, where_.size() - 1) + std::string(separator) + member + "'";
}

bool JsonField::has(std::string_view key) const {
  if (!value_->is_object()) return false;
  const auto member = value_->find(key);
  return member != value_->end() && !member->is_null();
}

JsonField JsonField::at(std::string_view key) const {
  static const Json kMissing;
  if (!value_->is_object()) throw error("is " + shown(*value_) + ", must be an object");
  const auto member = value_->find(key);
  const bool found = member != value_->end();
  JsonField field(found ? *member : kMissing, where_of(utf8::printable(key), "."), code_);
  if (!found) throw field.error("is missing");
  return field;
}

std::size_t JsonField::size() const {
  if (!value_->is_array()) throw error("is " + shown(*value_) + ", must be an array");
  return value_->size();
}

JsonField JsonField::at(std::size_t index) const {
  const std::size_t count = size();
  if (index >= count) {
    throw error("has " + std::to_string(count) + " elements, number " + std::to_string(index) +
                " is needed");
  }
  return {(*value_)[index], where_of("[" + std::to_string(index) + "]", ""), code_};
}

std::int64_t JsonField::integer(std::int64_t minimum, std::int64_t maximum) const {
  const auto number = as_integer(*value_);
  if (!number || *number < minimum || *number > maximum) {
    throw error("is " + shown(*value_) + ", must be an integer" + range(minimum, maximum));
  }
  return *number;
}

double JsonField::number(double minimum, double maximum) const {
  // Written so that NaN, which no comparison holds for, is refused.
  const bool accepted =
      value_->is_number() && value_->get<double>() >= minimum && value_->get<double>() <= maximum;
  if (!accepted) {
    throw error("is " + shown(*value_) + ", must be a number" + range(minimum, maximum));
  }
  return value_->get<double>();
}

bool JsonField::boolean() const {
  if (!value_->is_boolean()) throw error("is " + shown(*value_) + ", must be true or false");
  return value_->get<bool>();
}

std::string JsonField::text() const {
  if (!value_->is_string()) throw error("is " + shown(*value_) + ", must be a string");
  return value_->get<std::string>();
}

std::int64_t JsonField::integer_or(std::string_view key, std::int64_t fallback,
                                   std::int64_t minimum, std::int64_t maximum) const {
  return has(key) ? at(key).integer(minimum, maximum) : fallback;
}

double JsonField::number_or(std::string_view key, double fallback, double minimum,
                            double maximum) const {
  return has(key) ? at(key).number(minimum, maximum) : fallback;
}

bool JsonField::boolean_or(std::string_view key, bool fallback) const {
  return has(key) ? at(key).boolean() : fallback;
}

std::string JsonField::text_or(std::string_view key, std::string fallback) const {
  return has(key) ? at(key).text() : std::move(fallback);
}

}  // namespace unmask
