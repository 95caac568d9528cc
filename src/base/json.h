// Strict JSON for bytes that nobody vouches for: no duplicate keys, no number read as another one,
// no endless nesting. nlohmann's own parser accepts all of these; only its value type is used here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json_text.h"
#include "unmask/error.h"

namespace unmask {

using Json = nlohmann::json;

/// What parse_json throws: where in the document, and what is wrong there.
class JsonError : public Error {
 public:
  JsonError(ErrorCode code, const std::string& source, std::size_t line, std::size_t column,
            const std::string& problem);

  std::size_t line() const { return line_; }      ///< from 1
  std::size_t column() const { return column_; }  ///< in bytes, from 1
  const std::string& problem() const { return problem_; }

 private:
  std::size_t line_, column_;
  std::string problem_;
};

/// Bounds of what parse_json accepts.
struct JsonLimits {
  std::size_t depth = 32;        ///< nested arrays and objects
  std::size_t keys = 1'000'000;  ///< over all objects together
  std::size_t key_bytes = 4096;  ///< length of one key
};

/// Parses one JSON document. `source` names it in messages ("config.json").
/// Integers are int64 (or uint64 when positive), others finite doubles. A number that is neither,
/// and Python's NaN, Infinity and -Infinity, are kept as what was written (unread_number):
/// published files have them in fields that nobody reads, and JsonField refuses them where one is
/// read. Throws JsonError{code}: "config.json:3:14: 'x' is defined twice".
Json parse_json(std::string_view text, const std::string& source,
                ErrorCode code = ErrorCode::checkpoint, const JsonLimits& limits = {});

/// The same with the members of objects in the order in which they stand.
OrderedJson parse_ordered_json(std::string_view text, const std::string& source,
                               ErrorCode code = ErrorCode::checkpoint,
                               const JsonLimits& limits = {});

/// What was written for a number that has no value here; nothing for every other value.
std::optional<std::string> unread_number(const Json& value);

/// Takes the members of one object, or the elements of one array, as they are read; in the document
/// the object or array stays empty. For vocabularies, which are slow to hold as Json.
struct JsonSink {
  std::string path;  ///< up to two keys: "model.vocab"; "" is the document itself
  /// Where the value is an object. It is for the sink to see that no key comes twice.
  std::function<void(std::string_view key, const Json& value)> member;
  /// Where the value is an array. Without the one that is needed the value stays in the document.
  std::function<void(const Json& value)> element;
};

Json parse_json(std::string_view text, const std::string& source, std::span<const JsonSink> sinks,
                ErrorCode code = ErrorCode::checkpoint, const JsonLimits& limits = {});

/// One value of a parsed document together with where it stands, so that every message about it can
/// name the file and the field: "config.json: 'rope_theta' is 0, must be at least 1".
/// A view: the document must outlive it.
class JsonField {
 public:
  JsonField(const Json& value, std::string where, ErrorCode code = ErrorCode::checkpoint);

  const Json& value() const { return *value_; }
  const std::string& where() const { return where_; }  ///< "config.json: 'rope_scaling.factor'"
  bool is_null() const { return value_->is_null(); }

  bool has(std::string_view key) const;      ///< an object with that key, not null
  JsonField at(std::string_view key) const;  ///< throws when missing or not an object
  std::size_t size() const;                  ///< of an array; throws on anything else
  JsonField at(std::size_t index) const;

  std::int64_t integer(std::int64_t minimum, std::int64_t maximum) const;
  double number(double minimum, double maximum) const;  ///< integers count as numbers
  bool boolean() const;
  std::string text() const;

  // A member of this object, or `fallback` where it is missing or null.
  std::int64_t integer_or(std::string_view key, std::int64_t fallback, std::int64_t minimum,
                          std::int64_t maximum) const;
  double number_or(std::string_view key, double fallback, double minimum, double maximum) const;
  bool boolean_or(std::string_view key, bool fallback) const;
  std::string text_or(std::string_view key, std::string fallback) const;

  /// An Error about this field: where() + " " + problem.
  Error error(const std::string& problem, std::string hint = {}) const;

 private:
  std::string where_of(const std::string& member, std::string_view separator) const;

  const Json* value_;
  std::string where_;
  ErrorCode code_;
};

}  // namespace unmask
