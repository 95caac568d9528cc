// parse_json(): a strict recursive-descent parser that fills nlohmann's value type.
#include "base/json.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/utf8.h"

namespace unmask {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A member of an object that is being parsed.
template <typename Value>
struct Member {
  std::string key;
  std::size_t offset;  // of the key in the document
  Value value;
};

// A reference to a member, with the first bytes of its key as a number of the same order.
template <typename Value>
struct SortKey {
  std::uint64_t prefix;
  Member<Value>* member;

  explicit SortKey(Member<Value>& of) : prefix(0), member(&of) {
    for (std::size_t i = 0; i < sizeof prefix; ++i) {
      const auto byte = i < of.key.size() ? static_cast<unsigned char>(of.key[i]) : 0;
      prefix = prefix << 8 | byte;
    }
  }
  bool operator<(const SortKey& other) const {
    if (prefix != other.prefix) return prefix < other.prefix;
    if (const int order = member->key.compare(other.member->key)) return order < 0;
    return member->offset < other.member->offset;
  }
};

// A binary value, which no text of JSON has: nobody takes it for anything else.
template <typename Value>
Value unread(std::string_view number) {
  return Value::binary({number.begin(), number.end()});
}

// `Value` is Json, whose objects are sorted, or OrderedJson, whose members stay in their order.
template <typename Value>
class Parser {
 public:
  Parser(std::string_view text, const std::string& source, std::span<const JsonSink> sinks,
         ErrorCode code, const JsonLimits& limits)
      : text_(text), source_(source), sinks_(sinks), code_(code), limits_(limits) {}

  Value document() {
    // Once for the whole document, so that nothing below has to think of it.
    if (const auto invalid = utf8::first_invalid(text_)) fail(*invalid, "is not valid UTF-8");
    Value result;
    skip_space();
    value(result, 0);
    skip_space();
    if (at_ != text_.size()) fail(at_, "expected the end of the document, found " + here());
    return result;
  }

 private:
  [[noreturn]] void fail(std::size_t offset, const std::string& problem) const {
    const std::string_view before = text_.substr(0, offset);
    const auto breaks = std::count(before.begin(), before.end(), '\n');
    const std::size_t column = offset - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
    throw JsonError(code_, source_, static_cast<std::size_t>(breaks) + 1, column, problem);
  }

  // What stands at the current position, for a message.
  std::string here() const {
    if (at_ == text_.size()) return "the end";
    const auto decoded = utf8::decode(text_, at_);
    return utf8::quoted(text_.substr(at_, decoded ? decoded->bytes : 1));
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!take(c)) fail(at_, std::string("expected '") + c + "', found " + here());
  }

  void value(Value& into, std::size_t depth) {
    switch (peek()) {
      case '{':
        return object(into, depth + 1);
      case '[':
        return array(into, depth + 1);
      case '"':
        into = string();
        return;
      case 't':
        word("true");
        into = true;
        return;
      case 'f':
        word("false");
        into = false;
        return;
      case 'n':
        word("null");
        into = nullptr;
        return;
      case 'N':
        return unread_word(into, "NaN");
      case 'I':
        return unread_word(into, "Infinity");
      default:
        return number(into);
    }
  }

  void word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) {
      fail(at_, "expected a value, found " + here());
    }
    at_ += expected.size();
  }

  void unread_word(Value& into, std::string_view expected) {
    word(expected);
    into = unread<Value>(expected);
  }

  void check_depth(std::size_t depth) const {
    if (depth > limits_.depth) {
      fail(at_, "nested deeper than " + std::to_string(limits_.depth) + " levels");
    }
  }

  void object(Value& into, std::size_t depth) {
    check_depth(depth);
    expect('{');
    into = Value::object();
    skip_space();
    if (take('}')) return;
    const JsonSink* const sink = sink_at(depth);
    const bool given_away = sink != nullptr && sink->member;
    std::vector<Member<Value>> members;
    do {
      skip_space();
      const std::size_t offset = at_;
      Member<Value> member{key(), offset, nullptr};
      skip_space();
      expect(':');
      skip_space();
      member_value(member, depth);
      skip_space();
      if constexpr (std::is_same_v<Value, Json>) {
        if (given_away) {
          sink->member(member.key, member.value);
          continue;
        }
      }
      members.push_back(std::move(member));
    } while (take(','));
    expect('}');
    fill(into.template get_ref<typename Value::object_t&>(), members);
  }

  // Keeps the path of the members near the top, where sinks may be.
  void member_value(Member<Value>& member, std::size_t depth) {
    if (sinks_.empty() || depth > kSinkKeys) return value(member.value, depth);
    const std::size_t length = path_.size();
    path_ += (depth == 1 ? "" : ".") + member.key;
    value(member.value, depth);
    path_.resize(length);
  }

  // The sink of the object or array that begins here as the depth-th.
  const JsonSink* sink_at(std::size_t depth) const {
    if (depth > kSinkKeys + 1) return nullptr;
    for (const JsonSink& sink : sinks_) {
      const auto dots = std::count(sink.path.begin(), sink.path.end(), '.');
      const std::size_t keys = sink.path.empty() ? 0 : static_cast<std::size_t>(dots) + 1;
      if (sink.path == path_ && depth == keys + 1) return &sink;
    }
    return nullptr;
  }

  // Members go in sorted: a vocabulary of 150,000 takes half the time that way.
  void fill(typename Value::object_t& object, std::vector<Member<Value>>& members) const {
    std::vector<SortKey<Value>> order(members.begin(), members.end());
    std::sort(order.begin(), order.end());
    for (std::size_t i = 1; i < order.size(); ++i) {
      const Member<Value>& member = *order[i].member;
      if (order[i - 1].member->key != member.key) continue;
      fail(member.offset, utf8::quoted(member.key) + " is defined twice");
    }
    if constexpr (std::is_same_v<Value, Json>) {
      for (const SortKey<Value>& next : order) {
        object.emplace_hint(object.end(), std::move(next.member->key),
                            std::move(next.member->value));
      }
    } else {
      object.reserve(members.size());
      for (Member<Value>& member : members) {
        object.emplace_back(std::move(member.key), std::move(member.value));
      }
    }
  }

  std::string key() {
    if (peek() != '"') fail(at_, "expected a key in quotes, found " + here());
    const std::size_t start = at_;
    std::string result = string();
    if (result.size() > limits_.key_bytes) {
      fail(start, "a key of " + std::to_string(result.size()) + " bytes, at most " +
                      std::to_string(limits_.key_bytes) + " are accepted");
    }
    if (++keys_ > limits_.keys) {
      fail(start, "more than " + std::to_string(limits_.keys) + " keys");
    }
    return result;
  }

  void array(Value& into, std::size_t depth) {
    check_depth(depth);
    expect('[');
    into = Value::array();
    auto& elements = into.template get_ref<typename Value::array_t&>();
    skip_space();
    if (take(']')) return;
    const JsonSink* const sink = sink_at(depth);
    const bool given_away = sink != nullptr && sink->element;
    do {
      skip_space();
      value(elements.emplace_back(), depth);
      skip_space();
      if (given_away) {
        sink->element(elements.back());
        elements.clear();
      }
    } while (take(','));
    expect(']');
  }

  std::string string() {
    const std::size_t start = at_++;
    std::string result;
    while (true) {
      const std::size_t run = at_;
      while (at_ < text_.size() && is_plain(text_[at_])) ++at_;
      result.append(text_, run, at_ - run);
      if (at_ == text_.size()) fail(start, "a string without end");
      if (take('"')) return result;
      if (!take('\\')) fail(at_, "a control character inside a string");
      escape(result);
    }
  }

  static bool is_plain(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
  }

  void escape(std::string& into) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char name = peek();
    if (name == 'u') return unicode_escape(into);
    const std::size_t index = kNames.find(name);
    if (index == std::string_view::npos) fail(at_ - 1, "an unknown escape, \\ before " + here());
    into += kMeanings[index];
    ++at_;
  }

  void unicode_escape(std::string& into) {
    const std::size_t start = at_ - 1;
    char32_t code_point = four_digits();
    if (code_point >= 0xD800 && code_point < 0xDC00 && take('\\')) {
      const char32_t second = four_digits();
      if (second < 0xDC00 || second > 0xDFFF) fail(start, "half a surrogate pair");
      code_point = 0x10000 + ((code_point - 0xD800) << 10) + (second - 0xDC00);
    }
    if (code_point >= 0xD800 && code_point <= 0xDFFF) fail(start, "half a surrogate pair");
    utf8::append(into, code_point);
  }

  // The "uXXXX" of an escape.
  char32_t four_digits() {
    expect('u');
    std::uint32_t digits = 0;
    const char* const first = text_.data() + at_;
    const char* const last = first + std::min<std::size_t>(4, text_.size() - at_);
    const auto [end, problem] = std::from_chars(first, last, digits, 16);
    if (problem != std::errc{} || end != first + 4) fail(at_, "expected four hexadecimal digits");
    at_ += 4;
    return digits;
  }

  void digits() {
    if (!is_digit(peek())) fail(at_, "expected a digit, found " + here());
    while (is_digit(peek())) ++at_;
  }

  void number(Value& into) {
    const std::size_t start = at_;
    const bool negative = take('-');
    if (negative && peek() == 'I') {
      word("Infinity");
      into = unread<Value>("-Infinity");
      return;
    }
    if (!negative && !is_digit(peek())) fail(at_, "expected a value, found " + here());
    if (!take('0')) digits();
    bool whole = true;
    if (take('.')) {
      whole = false;
      digits();
    }
    if (take('e') || take('E')) {
      whole = false;
      if (!take('+')) take('-');
      digits();
    }
    if (!whole) return convert<double>(into, start);
    if (negative) return convert<std::int64_t>(into, start);
    convert<std::uint64_t>(into, start);
  }

  template <typename Number>
  void convert(Value& into, std::size_t start) const {
    Number result{};
    const auto [end, problem] = std::from_chars(text_.data() + start, text_.data() + at_, result);
    if (problem != std::errc{} || end != text_.data() + at_) {
      into = unread<Value>(text_.substr(start, at_ - start));
      return;
    }
    into = result;
  }

  static constexpr std::size_t kSinkKeys = 2;  // in the longest path of a sink

  std::string_view text_;
  const std::string& source_;
  std::span<const JsonSink> sinks_;
  ErrorCode code_;
  const JsonLimits& limits_;
  std::size_t at_ = 0;
  std::size_t keys_ = 0;
  std::string path_;  // of the value being read, up to kSinkKeys keys
};

}  // namespace

JsonError::JsonError(ErrorCode code, const std::string& source, std::size_t line,
                     std::size_t column, const std::string& problem)
    : Error(code,
            source + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + problem),
      line_(line),
      column_(column),
      problem_(problem) {}

std::optional<std::string> unread_number(const Json& value) {
  if (!value.is_binary()) return std::nullopt;
  return std::string(value.get_binary().begin(), value.get_binary().end());
}

Json parse_json(std::string_view text, const std::string& source, ErrorCode code,
                const JsonLimits& limits) {
  return parse_json(text, source, {}, code, limits);
}

Json parse_json(std::string_view text, const std::string& source, std::span<const JsonSink> sinks,
                ErrorCode code, const JsonLimits& limits) {
  return Parser<Json>(text, source, sinks, code, limits).document();
}

OrderedJson parse_ordered_json(std::string_view text, const std::string& source, ErrorCode code,
                               const JsonLimits& limits) {
  return Parser<OrderedJson>(text, source, {}, code, limits).document();
}

}  // namespace unmask
