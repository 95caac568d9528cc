// Splitting by patterns that nobody here has seen before, with PCRE2 under limits.
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/utf8.h"
#include "text/split.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr std::size_t kLongestPattern = 16 * 1024;
constexpr std::uint32_t kMatchLimit = 1'000'000;
constexpr std::uint32_t kHeapLimitKiB = 64 * 1024;

Error refusal(const std::string& pattern, const std::string& problem) {
  return Error(ErrorCode::checkpoint,
               "the pre-tokenizer pattern '" + utf8::printable(pattern) + "' " + problem);
}

// PCRE2 counts U+180E as a space, Unicode and Oniguruma do not, so \s is spelled out. Constructs
// that the two engines read differently are refused.
std::string in_pcre2_terms(const std::string& pattern) {
  std::string result;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '[' && in_class) throw refusal(pattern, "has a class inside a class");
    if (c == '&' && in_class && pattern.compare(i, 2, "&&") == 0) {
      throw refusal(pattern, "intersects two classes");
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    if (c != '\\' || i + 1 == pattern.size()) {
      result += c;
      continue;
    }
    const char name = pattern[++i];
    if (name == 'h' || name == 'H' || name == 'O' || (name == 'S' && in_class)) {
      throw refusal(pattern, std::string("uses \\") + name + (in_class ? " in a class" : ""));
    }
    constexpr const char* kSpaces = R"(\t-\r\x{85}\p{Z})";
    if (name == 's') {
      result += in_class ? kSpaces : std::string("[") + kSpaces + "]";
    } else if (name == 'S') {
      result += std::string("[^") + kSpaces + "]";
    } else {
      result += {'\\', name};
    }
  }
  return result;
}

class RegexSplitter final : public Splitter {
 public:
  explicit RegexSplitter(const std::string& pattern) : pattern_(pattern) {
    if (pattern.size() > kLongestPattern) {
      throw refusal(pattern, "has " + std::to_string(pattern.size()) + " bytes, at most " +
                                 std::to_string(kLongestPattern) + " are accepted");
    }
    const std::string translated = in_pcre2_terms(pattern);
    int code = 0;
    PCRE2_SIZE offset = 0;
    code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                              PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &code, &offset,
                              nullptr));
    if (!code_) throw refusal(pattern, "is not a regular expression: " + message(code));
    pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE);  // only faster; it may not be available
    limits_.reset(pcre2_match_context_create(nullptr));
    if (!limits_) throw Error(ErrorCode::resource, "no memory for a regular expression");
    pcre2_set_match_limit(limits_.get(), kMatchLimit);
    pcre2_set_heap_limit(limits_.get(), kHeapLimitKiB);
  }

  void split(std::string_view text, Pieces& pieces) const override {
    const std::unique_ptr<pcre2_match_data, Free> match(
        pcre2_match_data_create_from_pattern(code_.get(), nullptr));
    if (!match) throw Error(ErrorCode::resource, "no memory for a regular expression");
    std::size_t done = 0;
    for (std::size_t from = 0; from < text.size();) {
      if (!find(text, from, match.get())) break;
      const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(match.get());
      if (bounds[0] > done) pieces.push_back(text.substr(done, bounds[0] - done));
      if (bounds[1] > bounds[0]) pieces.push_back(text.substr(bounds[0], bounds[1] - bounds[0]));
      done = std::max(done, bounds[1]);
      from = bounds[1] > bounds[0] ? done : after_character(text, bounds[0]);
    }
    if (done < text.size()) pieces.push_back(text.substr(done));
  }

 private:
  struct Free {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
  };

  static std::string message(int code) {
    std::array<PCRE2_UCHAR, 128> text{};
    pcre2_get_error_message(code, text.data(), text.size());
    return reinterpret_cast<const char*>(text.data());
  }

  static std::size_t after_character(std::string_view text, std::size_t at) {
    const auto decoded = utf8::decode(text, at);
    return at + (decoded ? decoded->bytes : 1);
  }

  bool find(std::string_view text, std::size_t from, pcre2_match_data* match) const {
    const auto* const subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    int count = pcre2_match(code_.get(), subject, text.size(), from, PCRE2_NO_UTF_CHECK, match,
                            limits_.get());
    if (count == PCRE2_ERROR_JIT_STACKLIMIT) {
      count = pcre2_match(code_.get(), subject, text.size(), from,
                          PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, match, limits_.get());
    }
    if (count == PCRE2_ERROR_NOMATCH) return false;
    if (count < 0) throw refusal(pattern_, "failed on this text: " + message(count));
    return true;
  }

  std::string pattern_;
  std::unique_ptr<pcre2_code, Free> code_;
  std::unique_ptr<pcre2_match_context, Free> limits_;
};

}  // namespace

std::unique_ptr<Splitter> make_regex_splitter(const std::string& pattern) {
  return std::make_unique<RegexSplitter>(pattern);
}

}  // namespace unmask
