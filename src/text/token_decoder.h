// From tokens as the vocabulary spells them back to text: the "decoder" of tokenizer.json.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace unmask {

/// A chain of steps over the list of tokens, which are joined in the end.
class TokenDecoder {
 public:
  struct ByteLevel {};     ///< characters of the byte alphabet become bytes; other tokens stay
  struct ByteFallback {};  ///< runs of <0xNN> become text, or U+FFFD for each where they form none
  struct Fuse {};          ///< makes one token of all
  struct Replace {
    std::string from, to;
  };
  struct Strip {
    std::string content;      ///< one character
    std::size_t start, stop;  ///< at most so many of them go from the front and from the back
  };
  struct Metaspace {
    std::string replacement;  ///< stands for a space
    bool drop_first;          ///< it goes from the first token
  };
  using Step = std::variant<ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace>;

  void add(Step step);

  std::string decode(std::vector<std::string> tokens) const;

 private:
  std::vector<Step> steps_;
};

/// The byte of a token like <0x0A>, or -1.
int fallback_byte(std::string_view token);

/// The token of a byte: <0x0A>.
std::string fallback_token(int byte);

}  // namespace unmask
