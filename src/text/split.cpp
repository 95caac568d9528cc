#include "text/split.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "text/unicode.h"

namespace unmask {

const std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

namespace {

constexpr char32_t kLongS = 0x17F;  // ſ, which folds to s

// Which spellings of 's 't 're 've 'm 'll 'd are cut off the word before them.
enum class Contractions {
  lower,   // as written
  ascii,   // A-Z too
  folded,  // whatever folds to these letters, so 'ſ too
};

// What tells the known patterns apart. They share their alternatives and the order of them:
//   contractions | letters | numbers | ` ?` others | whitespace
struct Rules {
  Contractions contractions;
  std::size_t most_digits;  // in one piece
  bool gpt2;  // letters and numbers take a space before them. In the others letters take any one
              // character but a line break or number, punctuation takes the line breaks after it,
              // and whitespace up to its last line break is a piece.
};

constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);

struct Head {
  std::string_view pattern;
  Contractions contractions;
};

constexpr std::array<Head, 3> kHeads{{
    // Qwen2 to Qwen3, Dream, SDAR, Llama 3
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d))", Contractions::folded},
    // Ling (LLaDA-MoE, LLaDA2), in the two spellings that are about
    {R"('(?i:[sdmt]|ll|ve|re))", Contractions::folded},
    {R"('(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE]))", Contractions::ascii},
}};

// The rules of a pattern of the newer kind, which is a head and what all of them have after it.
std::optional<Rules> rules_of(std::string_view pattern) {
  if (pattern == kGpt2Pattern) return Rules{Contractions::lower, kAnyNumber, true};
  for (const Head& head : kHeads) {
    if (!pattern.starts_with(head.pattern)) continue;
    const std::string_view tail = pattern.substr(head.pattern.size());
    for (const auto& [digits, most_digits] :
         {std::pair(R"(\p{N})", 1U), std::pair(R"(\p{N}{1,3})", 3U)}) {
      // The two are the same: the star already reaches the last line break.
      for (const char* line_breaks : {R"(\s*[\r\n]+)", R"(\s*[\r\n])"}) {
        if (tail == std::string(R"(|[^\r\n\p{L}\p{N}]?\p{L}+|)") + digits +
                        R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|)" + line_breaks + R"(|\s+(?!\S)|\s+)") {
          return Rules{head.contractions, most_digits, false};
        }
      }
    }
  }
  return std::nullopt;
}

// Reads a text character by character; U+0000 past the end, where at_end() tells the difference.
class Cursor {
 public:
  Cursor(std::string_view text, std::size_t at) : text_(text), at_(at) { read(); }

  bool at_end() const { return at_ == text_.size(); }
  std::size_t at() const { return at_; }
  char32_t character() const { return character_; }

  void advance() {
    at_ += bytes_;
    read();
  }

  template <typename Class>
  void skip_while(const Class& is_member) {
    while (!at_end() && is_member(character_)) advance();
  }

 private:
  void read() {
    if (at_end()) {
      character_ = 0;
      bytes_ = 0;
    } else if (const auto byte = static_cast<unsigned char>(text_[at_]); byte < 0x80) {
      character_ = byte;
      bytes_ = 1;
    } else {
      const auto decoded = utf8::decode(text_, at_);
      character_ = decoded ? decoded->code_point : 0xFFFD;
      bytes_ = decoded ? decoded->bytes : 1;
    }
  }

  std::string_view text_;
  std::size_t at_;
  std::size_t bytes_ = 0;
  char32_t character_ = 0;
};

bool is_line_break(char32_t c) { return c == '\r' || c == '\n'; }

bool is_other(char32_t c) {
  return !unicode::is_space(c) && !unicode::is_letter(c) && !unicode::is_number(c);
}

class PatternSplitter final : public Splitter {
 public:
  explicit PatternSplitter(Rules rules) : rules_(rules) {}

  void split(std::string_view text, Pieces& pieces) const override {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = piece_end(text, at);
      pieces.push_back(text.substr(at, end - at));
      at = end;
    }
  }

 private:
  // One of the alternatives always matches, and never nothing.
  std::size_t piece_end(std::string_view text, std::size_t at) const {
    std::size_t end = contraction_end(text, at);
    if (end == at) end = rules_.gpt2 ? spaced_word_end(text, at) : word_end(text, at);
    if (end == at) end = others_end(text, at);
    if (end == at) end = whitespace_end(text, at);
    return end;
  }

  std::size_t contraction_end(std::string_view text, std::size_t at) const {
    if (text[at] != '\'') return at;
    Cursor cursor(text, at + 1);
    const char first = folded(cursor.character());
    if (first == '\0') return at;
    cursor.advance();
    if (first == 's' || first == 't' || first == 'm' || first == 'd') return cursor.at();
    const char second = folded(cursor.character());
    cursor.advance();
    const bool pair = (first == 'r' && second == 'e') || (first == 'v' && second == 'e') ||
                      (first == 'l' && second == 'l');
    return pair ? cursor.at() : at;
  }

  // The lower-case letter that `c` counts as, '\0' for none.
  char folded(char32_t c) const {
    if (c >= 'a' && c <= 'z') return static_cast<char>(c);
    if (rules_.contractions == Contractions::lower) return '\0';
    if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
    return rules_.contractions == Contractions::folded && c == kLongS ? 's' : '\0';
  }

  // ` ?\p{L}+| ?\p{N}+`
  static std::size_t spaced_word_end(std::string_view text, std::size_t at) {
    Cursor cursor(text, at);
    if (cursor.character() == ' ') cursor.advance();
    const std::size_t word = cursor.at();
    cursor.skip_while(unicode::is_letter);
    if (cursor.at() == word) cursor.skip_while(unicode::is_number);
    return cursor.at() == word ? at : cursor.at();
  }

  // `[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,most_digits}`
  std::size_t word_end(std::string_view text, std::size_t at) const {
    Cursor cursor(text, at);
    if (unicode::is_number(cursor.character())) {
      for (std::size_t i = 0; i < rules_.most_digits && unicode::is_number(cursor.character());
           ++i) {
        cursor.advance();
      }
      return cursor.at();
    }
    if (!unicode::is_letter(cursor.character()) && !is_line_break(cursor.character())) {
      cursor.advance();
    }
    const std::size_t word = cursor.at();
    cursor.skip_while(unicode::is_letter);
    return cursor.at() == word ? at : cursor.at();
  }

  // ` ?[^\s\p{L}\p{N}]+`, in the newer patterns with `[\r\n]*` after it
  std::size_t others_end(std::string_view text, std::size_t at) const {
    Cursor cursor(text, at);
    if (cursor.character() == ' ') cursor.advance();
    const std::size_t others = cursor.at();
    cursor.skip_while(is_other);
    if (cursor.at() == others) return at;
    if (!rules_.gpt2) cursor.skip_while(is_line_break);
    return cursor.at();
  }

  // `\s*[\r\n]+|\s+(?!\S)|\s+`; GPT-2 lacks the first
  std::size_t whitespace_end(std::string_view text, std::size_t at) const {
    Cursor cursor(text, at);
    std::size_t after_line_break = at;
    std::size_t last = at;  // where the last character of the run starts
    while (!cursor.at_end() && unicode::is_space(cursor.character())) {
      const bool line_break = is_line_break(cursor.character());
      last = cursor.at();
      cursor.advance();
      if (line_break) after_line_break = cursor.at();
    }
    if (!rules_.gpt2 && after_line_break != at) return after_line_break;
    // The last space before a word belongs to the word, unless it is all there is.
    return cursor.at_end() || last == at ? cursor.at() : last;
  }

  Rules rules_;
};

class LiteralSplitter final : public Splitter {
 public:
  explicit LiteralSplitter(std::string literal) : literal_(std::move(literal)) {}

  void split(std::string_view text, Pieces& pieces) const override {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t found = std::min(text.find(literal_, at), text.size());
      if (found > at) pieces.push_back(text.substr(at, found - at));
      if (found < text.size()) pieces.push_back(text.substr(found, literal_.size()));
      at = found + literal_.size();
    }
  }

 private:
  std::string literal_;
};

class WordStartSplitter final : public Splitter {
 public:
  explicit WordStartSplitter(std::string mark) : mark_(std::move(mark)) {}

  void split(std::string_view text, Pieces& pieces) const override {
    while (!text.empty()) {
      const std::size_t from = text.starts_with(mark_) ? mark_.size() : 0;
      const std::size_t end = std::min(text.find(mark_, from), text.size());
      pieces.push_back(text.substr(0, end));
      text.remove_prefix(end);
    }
  }

 private:
  std::string mark_;
};

class DigitSplitter final : public Splitter {
 public:
  explicit DigitSplitter(bool individual) : individual_(individual) {}

  void split(std::string_view text, Pieces& pieces) const override {
    Cursor cursor(text, 0);
    while (!cursor.at_end()) {
      const std::size_t start = cursor.at();
      const bool number = unicode::is_number(cursor.character());
      cursor.advance();
      if (!(number && individual_)) {
        cursor.skip_while([number](char32_t c) { return unicode::is_number(c) == number; });
      }
      pieces.push_back(text.substr(start, cursor.at() - start));
    }
  }

 private:
  bool individual_;
};

}  // namespace

std::unique_ptr<Splitter> make_splitter(const std::string& pattern) {
  if (const auto rules = rules_of(pattern)) return std::make_unique<PatternSplitter>(*rules);
  return make_regex_splitter(pattern);
}

std::unique_ptr<Splitter> make_literal_splitter(const std::string& literal) {
  return std::make_unique<LiteralSplitter>(literal);
}

std::unique_ptr<Splitter> make_word_start_splitter(const std::string& mark) {
  return std::make_unique<WordStartSplitter>(mark);
}

std::unique_ptr<Splitter> make_digit_splitter(bool individual) {
  return std::make_unique<DigitSplitter>(individual);
}

}  // namespace unmask
