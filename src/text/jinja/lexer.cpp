#include "text/jinja/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/utf8.h"
#include "text/jinja/python_text.h"
#include "text/unicode.h"

namespace unmask::jinja {
namespace {

std::string with_plain_line_ends(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      result += text[i];
      continue;
    }
    result += '\n';
    if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  if (result.ends_with('\n')) result.pop_back();
  return result;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
 public:
  Lexer(std::string text, const std::string& name) : text_(std::move(text)), name_(name) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) outside();
    add(TokenKind::end, "end of the template");
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void fail(Place at, const std::string& problem) const {
    fail_at(name_, at, problem);
  }

  std::string_view rest() const { return std::string_view(text_).substr(at_); }
  bool starts(std::string_view with) const { return rest().starts_with(with); }

  // Where offset `to`, not before the last one asked for, stands.
  Place place(std::size_t to) {
    for (; known_ < to; ++known_) {
      ++place_.column;
      if (text_[known_] == '\n') place_ = {place_.line + 1, 1};
    }
    return place_;
  }

  void add(TokenKind kind, std::string text) {
    tokens_.push_back({kind, place(at_), std::move(text)});
  }

  // A stretch of text and the tag after it.
  void outside() {
    std::size_t tag = text_.find('{', at_);
    while (tag != std::string::npos && tag + 1 < text_.size() &&
           std::string_view("{%#").find(text_[tag + 1]) == std::string_view::npos) {
      tag = text_.find('{', tag + 1);
    }
    if (tag == std::string::npos || tag + 1 >= text_.size()) {
      data(rest(), ' ', false);
      at_ = text_.size();
      return;
    }
    const char kind = text_[tag + 1];
    const char sign = tag + 2 < text_.size() ? text_[tag + 2] : '\0';
    data(rest().substr(0, tag - at_), sign, kind != '{');
    at_ = tag;
    if (kind == '#') return comment();
    if (kind == '%' && raw()) return;
    const Place opened = place(at_);
    add(kind == '{' ? TokenKind::output_begin : TokenKind::block_begin, text_.substr(at_, 2));
    at_ += sign == '-' || sign == '+' ? 3 : 2;
    inside(kind == '{', opened);
  }

  void data(std::string_view part, char sign, bool is_block) {
    if (sign == '-') {
      part = part.substr(0, end_without_spaces(part));
    } else if (is_block && sign != '+') {
      const std::size_t line = part.rfind('\n') + 1;  // npos + 1 is 0
      const bool starts_line = line > 0 || line_starts_;
      if (starts_line && end_without_spaces(part.substr(line)) == 0) part = part.substr(0, line);
    }
    if (!part.empty()) add(TokenKind::text, std::string(part));
  }

  // After the closing braces of a tag: what goes with them.
  void finish_tag(bool strips, bool trims) {
    if (strips) {
      at_ += leading_spaces(rest());
    } else if (trims && starts("\n")) {
      ++at_;
    }
    line_starts_ = at_ > 0 && text_[at_ - 1] == '\n';
  }

  void comment() {
    const Place opened = place(at_);
    const std::size_t end = text_.find("#}", at_ + 2);
    if (end == std::string::npos) fail(opened, "a comment without end");
    const char sign = end > at_ + 2 ? text_[end - 1] : '\0';
    at_ = end + 2;
    finish_tag(sign == '-', sign != '+');
  }

  // The length of a `{% word %}` at `from`, without what goes with its closing braces; 0: none.
  std::size_t word_tag(std::size_t from, std::string_view word) const {
    std::size_t at = from + 2;
    if (at < text_.size() && (text_[at] == '-' || text_[at] == '+')) ++at;
    const auto skip = [&] { at += leading_spaces(std::string_view(text_).substr(at)); };
    skip();
    if (text_.compare(at, word.size(), word) != 0) return 0;
    at += word.size();
    skip();
    if (at < text_.size() && (text_[at] == '-' || (text_[at] == '+' && word != "raw"))) ++at;
    return text_.compare(at, 2, "%}") == 0 ? at + 2 - from : 0;
  }

  // {% raw %}...{% endraw %}
  bool raw() {
    const std::size_t opening = word_tag(at_, "raw");
    if (opening == 0) return false;
    const Place opened = place(at_);
    at_ += opening;
    finish_tag(text_[at_ - 3] == '-', false);
    for (std::size_t tag = text_.find("{%", at_); tag != std::string::npos;
         tag = text_.find("{%", tag + 2)) {
      const std::size_t closing = word_tag(tag, "endraw");
      if (closing == 0) continue;
      data(rest().substr(0, tag - at_), text_[tag + 2], true);
      at_ = tag + closing;
      finish_tag(text_[at_ - 3] == '-', text_[at_ - 3] != '+');
      return true;
    }
    fail(opened, "a raw block without end");
  }

  // The tokens of a tag up to its closing braces.
  void inside(bool is_output, Place opened) {
    std::string brackets;  // that are open: what closes them
    const std::string_view closing = is_output ? "}}" : "%}";
    while (true) {
      at_ += leading_spaces(rest());
      if (at_ >= text_.size()) fail(opened, "a tag without end");
      const char sign = text_[at_];
      const bool has_sign = sign == '-' || (sign == '+' && !is_output);
      if (brackets.empty() && text_.compare(at_ + (has_sign ? 1 : 0), 2, closing) == 0) {
        add(is_output ? TokenKind::output_end : TokenKind::block_end, std::string(closing));
        at_ += has_sign ? 3 : 2;
        return finish_tag(sign == '-', !is_output && sign != '+');
      }
      token(brackets);
    }
  }

  void token(std::string& brackets) {
    const char c = text_[at_];
    if (is_digit(c)) return number();
    if (c == '\'' || c == '"') return string();
    const auto decoded = utf8::decode(text_, at_);
    if (decoded && unicode::is_word(decoded->code_point)) return name();
    static constexpr std::array<std::string_view, 26> kSymbols = {
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
        "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ",", ";"};
    for (const std::string_view symbol : kSymbols) {
      if (!starts(symbol)) continue;
      bracket(c, brackets);
      add(TokenKind::symbol, std::string(symbol));
      at_ += symbol.size();
      return;
    }
    fail(place(at_),
         "unexpected character " + utf8::quoted(rest().substr(0, decoded ? decoded->bytes : 1)));
  }

  void bracket(char c, std::string& open) {
    constexpr std::string_view kOpening = "([{", kClosing = ")]}";
    if (const auto which = kOpening.find(c); which != std::string_view::npos)
      open += kClosing[which];
    if (kClosing.find(c) == std::string_view::npos) return;
    if (open.empty()) fail(place(at_), std::string("unexpected '") + c + "'");
    if (open.back() != c) {
      fail(place(at_), std::string("unexpected '") + c + "', expected '" + open.back() + "'");
    }
    open.pop_back();
  }

  void name() {
    std::size_t end = at_;
    for (auto next = utf8::decode(text_, end); next && unicode::is_word(next->code_point);
         next = utf8::decode(text_, end)) {
      end += next->bytes;
    }
    add(TokenKind::name, text_.substr(at_, end - at_));
    at_ = end;
  }

  // Digits with single _ between them, from `at`.
  std::size_t digits(std::size_t at, bool (*belongs)(char)) const {
    while (at < text_.size() && (belongs(text_[at]) || (text_[at] == '_' && at + 1 < text_.size() &&
                                                        belongs(text_[at + 1])))) {
      ++at;
    }
    return at;
  }

  void number() {
    const std::size_t start = at_;
    std::size_t end = digits(at_, is_digit);
    const bool after_dot = start > 0 && text_[start - 1] == '.';  // x.0.1 are two indices
    bool is_real = false;
    const auto peek = [&](std::size_t at) { return at < text_.size() ? text_[at] : '\0'; };
    if (!after_dot && peek(end) == '.' && is_digit(peek(end + 1))) {
      is_real = true;
      end = digits(end + 1, is_digit);
    }
    if (!after_dot && (peek(end) == 'e' || peek(end) == 'E')) {
      const std::size_t exponent = end + (peek(end + 1) == '+' || peek(end + 1) == '-' ? 2 : 1);
      if (is_digit(peek(exponent))) {
        is_real = true;
        end = digits(exponent, is_digit);
      }
    }
    std::string written;
    if (!is_real && text_[start] == '0' && end == start + 1) end = based(end);
    std::copy_if(text_.begin() + static_cast<std::ptrdiff_t>(start),
                 text_.begin() + static_cast<std::ptrdiff_t>(end), std::back_inserter(written),
                 [](char c) { return c != '_'; });
    if (!is_real && written.size() > 1 && written[0] == '0' && is_digit(written[1]) &&
        written.find_first_not_of('0') != std::string::npos) {
      fail(place(start), "a number that begins with 0");
    }
    add(is_real ? TokenKind::real : TokenKind::integer, std::move(written));
    at_ = end;
  }

  // The end of 0x1F, 0o17 and 0b11, whose 0 ends at `at`; `at` for a plain 0.
  std::size_t based(std::size_t at) const {
    const char base = at < text_.size() ? static_cast<char>(text_[at] | 0x20) : '\0';
    std::size_t end = at;
    if (base == 'x') {
      end = digits(at + 1,
                   [](char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); });
    } else if (base == 'o') {
      end = digits(at + 1, [](char c) { return c >= '0' && c <= '7'; });
    } else if (base == 'b') {
      end = digits(at + 1, [](char c) { return c == '0' || c == '1'; });
    }
    return end > at + 1 ? end : at;
  }

  void string() {
    const Place opened = place(at_);
    const char quote = text_[at_];
    std::string value;
    std::size_t at = at_ + 1;
    while (at < text_.size() && text_[at] != quote) {
      if (text_[at] == '\\') {
        at = escape(at + 1, value);
      } else {
        value += text_[at++];
      }
    }
    if (at >= text_.size()) fail(opened, "a string without end");
    add(TokenKind::string, std::move(value));
    at_ = at + 1;
  }

  // Python's escapes; one that it does not know stays as it is. `at` is behind the backslash.
  std::size_t escape(std::size_t at, std::string& into) {
    const char c = at < text_.size() ? text_[at] : '\0';
    constexpr std::string_view kNames = "\\'\"abfnrtv";
    constexpr std::string_view kMeanings = "\\'\"\a\b\f\n\r\t\v";
    if (const auto which = kNames.find(c); c != '\0' && which != std::string_view::npos) {
      into += kMeanings[which];
      return at + 1;
    }
    if (c == '\n') return at + 1;
    if (c >= '0' && c <= '7') {
      std::size_t end = at;
      while (end < text_.size() && end < at + 3 && text_[end] >= '0' && text_[end] <= '7') ++end;
      return code_point(at, end, 8, into);
    }
    if (c == 'x') return code_point(at + 1, at + 3, 16, into);
    if (c == 'u') return code_point(at + 1, at + 5, 16, into);
    if (c == 'U') return code_point(at + 1, at + 9, 16, into);
    if (c == 'N') fail(place(at_), "characters by name (\\N) are not supported");
    into += '\\';
    return at;
  }

  std::size_t code_point(std::size_t from, std::size_t to, int base, std::string& into) {
    std::uint32_t value = 0;
    to = std::min(to, text_.size());
    const auto [end, problem] =
        std::from_chars(text_.data() + from, text_.data() + to, value, base);
    if (problem != std::errc{} || end != text_.data() + to || value > 0x10FFFF) {
      fail(place(at_), "a string with an incomplete escape");
    }
    utf8::append(into, value);
    return to;
  }

  std::string text_;
  const std::string& name_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t known_ = 0;  // offset of place_
  Place place_;
  bool line_starts_ = true;  // a line begins where the text after the last tag begins
};

}  // namespace

void fail_at(const std::string& name, Place at, const std::string& problem,
             const std::string& hint) {
  throw Error(
      ErrorCode::checkpoint,
      name + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + problem,
      hint);
}

std::vector<Token> tokenize(std::string_view text, const std::string& name) {
  return Lexer(with_plain_line_ends(text), name).run();
}

}  // namespace unmask::jinja
