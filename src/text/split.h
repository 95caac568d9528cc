// Cutting text into the pieces that byte-pair merges stay within (pre-tokenization).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace unmask {

/// Views into the text that was split.
using Pieces = std::vector<std::string_view>;

class Splitter {
 public:
  virtual ~Splitter() = default;

  /// Appends the pieces of `text` (valid UTF-8) in order; together they are the whole text.
  virtual void split(std::string_view text, Pieces& pieces) const = 0;
};

/// GPT-2's pattern, which `ByteLevel` with `use_regex` means.
extern const std::string_view kGpt2Pattern;

/// The splitter for a regular expression of tokenizer.json: written by hand for the patterns that
/// known models use, PCRE2 for any other. Error{checkpoint} when `pattern` is not one that this
/// program can run exactly as the tokenizer's own library does.
std::unique_ptr<Splitter> make_splitter(const std::string& pattern);

/// Always PCRE2; for tests, which compare it with the hand-written ones.
std::unique_ptr<Splitter> make_regex_splitter(const std::string& pattern);

/// Cuts out every occurrence of `literal`.
std::unique_ptr<Splitter> make_literal_splitter(const std::string& literal);

/// Cuts before every occurrence of `mark`, which begins words.
std::unique_ptr<Splitter> make_word_start_splitter(const std::string& mark);

/// Cuts out runs of digits (\p{N}), or every digit for itself.
std::unique_ptr<Splitter> make_digit_splitter(bool individual);

}  // namespace unmask
