#include "text/special_tokens.h"

#include "text/tokenizer_files.h"

namespace unmask {
namespace {

// Of LLaDA-MoE, LLaDA2 and dllm; SDAR; Fast-dLLM v2; Open-dCoder as sampled from and as trained.
constexpr const char* kMaskSpellings[] = {"<|mask|>", "<|MASK|>", "|<MASK>|", "[MASK]", "<M>"};

}  // namespace

std::optional<int> mask_token_id(const TokenizerFiles& files, const Tokenizer& tokenizer) {
  const std::string& named = files.config().mask_token;
  if (!named.empty()) return tokenizer.token_id(named);
  for (const char* spelling : kMaskSpellings) {
    const auto id = tokenizer.token_id(spelling);
    if (id && tokenizer.is_special(*id)) return id;
  }
  return std::nullopt;
}

std::optional<int> end_token_id(const TokenizerFiles& files, const Tokenizer& tokenizer) {
  const std::string& named = files.config().eos_token;
  return named.empty() ? std::nullopt : tokenizer.token_id(named);
}

}  // namespace unmask
