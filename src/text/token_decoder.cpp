#include "text/token_decoder.h"

#include <algorithm>
#include <charconv>

#include "base/utf8.h"
#include "text/byte_alphabet.h"
#include "text/normalizer.h"

namespace unmask {
namespace {

using Tokens = std::vector<std::string>;

struct Apply {
  Tokens& tokens;

  void operator()(const TokenDecoder::ByteLevel&) const {
    for (std::string& token : tokens) {
      if (auto bytes = from_byte_alphabet(token)) token = std::move(*bytes);
    }
  }

  void operator()(const TokenDecoder::ByteFallback&) const {
    Tokens result;
    std::string run;
    const auto end_run = [&] {
      if (run.empty()) return;
      if (!utf8::first_invalid(run)) {
        result.push_back(run);
      } else {
        result.insert(result.end(), run.size(), "\uFFFD");
      }
      run.clear();
    };
    for (std::string& token : tokens) {
      if (const int byte = fallback_byte(token); byte >= 0) {
        run += static_cast<char>(byte);
      } else {
        end_run();
        result.push_back(std::move(token));
      }
    }
    end_run();
    tokens = std::move(result);
  }

  void operator()(const TokenDecoder::Fuse&) const {
    std::string all;
    for (const std::string& token : tokens) all += token;
    tokens.clear();
    tokens.push_back(std::move(all));
  }

  void operator()(const TokenDecoder::Replace& step) const {
    for (std::string& token : tokens) token = replace_all(token, step.from, step.to);
  }

  void operator()(const TokenDecoder::Strip& step) const {
    for (std::string& token : tokens) {
      std::string_view rest = token;
      for (std::size_t i = 0; i < step.start && rest.starts_with(step.content); ++i) {
        rest.remove_prefix(step.content.size());
      }
      for (std::size_t i = 0; i < step.stop && rest.ends_with(step.content); ++i) {
        rest.remove_suffix(step.content.size());
      }
      token = std::string(rest);
    }
  }

  void operator()(const TokenDecoder::Metaspace& step) const {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      tokens[i] = replace_all(tokens[i], step.replacement, i == 0 && step.drop_first ? "" : " ");
    }
  }
};

}  // namespace

void TokenDecoder::add(Step step) { steps_.push_back(std::move(step)); }

std::string TokenDecoder::decode(std::vector<std::string> tokens) const {
  for (const Step& step : steps_) std::visit(Apply{tokens}, step);
  std::string text;
  for (const std::string& token : tokens) text += token;
  return text;
}

int fallback_byte(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return -1;
  unsigned value = 0;
  const char* const last = token.data() + 5;
  const auto [end, problem] = std::from_chars(token.data() + 3, last, value, 16);
  return problem == std::errc{} && end == last ? static_cast<int>(value) : -1;
}

std::string fallback_token(int byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return {'<',
          '0',
          'x',
          kDigits[static_cast<std::size_t>(byte >> 4 & 15)],
          kDigits[static_cast<std::size_t>(byte & 15)],
          '>'};
}

}  // namespace unmask
