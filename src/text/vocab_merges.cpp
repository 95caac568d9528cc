#include "text/vocab_merges.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/json.h"
#include "text/bpe_vocabulary.h"

namespace unmask {
namespace {

constexpr const char* kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";

// The class without the suffix of its Rust twin, which behaves the same.
std::string base_class(std::string name) {
  if (name.ends_with("Fast")) name.resize(name.size() - 4);
  return name;
}

void set_class(const TokenizerConfig& config, BpeParts& parts) {
  if (config.add_prefix_space) parts.pre_tokenizer.set_prefix(" ", PreTokenizer::Prefix::always);
  const std::string name = base_class(config.tokenizer_class);
  if (name == "Qwen2Tokenizer" || name == "DreamTokenizer") {  // the latter is a copy of the former
    parts.normalizer.add(unicode::Form::nfc);
    parts.pre_tokenizer.add(make_splitter(kQwen2Pattern));
  } else if (name == "GPT2Tokenizer" || name.empty()) {  // files of that time name no class
    parts.pre_tokenizer.add(make_splitter(std::string(kGpt2Pattern)));
  } else {
    throw Error(ErrorCode::checkpoint,
                "tokenizer_config.json: tokenizer class '" + config.tokenizer_class +
                    "' is not supported with vocab.json and merges.txt",
                "convert it to a tokenizer.json");
  }
}

MergeList read_merges(std::string_view text) {
  MergeList merges;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) merges.add_line(line);
  }
  return merges;
}

// Named special tokens are special also where no list of added tokens mentions them.
void add_named_tokens(const TokenizerConfig& config, BpeParts& parts) {
  const std::string names[] = {config.bos_token, config.eos_token,  config.unk_token,
                               config.pad_token, config.mask_token, "<|endoftext|>"};
  for (const std::string& name : names) {
    const bool known = std::any_of(parts.added_tokens.begin(), parts.added_tokens.end(),
                                   [&](const AddedToken& token) { return token.content == name; });
    const auto id = parts.model.vocabulary.find(name);
    if (name.empty() || known || !id) continue;
    AddedToken token;
    token.id = *id;
    token.content = name;
    token.special = true;
    token.normalized = false;
    parts.added_tokens.push_back(std::move(token));
  }
}

}  // namespace

BpeParts read_vocab_merges(const MappedFile& vocabulary, const MappedFile& merges,
                           const TokenizerConfig& config) {
  BpeParts parts;
  set_class(config, parts);
  parts.decoder.add(TokenDecoder::ByteLevel{});
  const JsonSink sink = vocabulary_sink("", "vocab.json", parts.model.vocabulary);
  if (!parse_json(vocabulary.text(kLargestTokenizerFile), "vocab.json", {&sink, 1}).is_object()) {
    throw Error(ErrorCode::checkpoint, "vocab.json must be an object");
  }
  try {
    read_merges(merges.text(kLargestTokenizerFile)).move_into(parts.model);
  } catch (const Error& error) {
    throw Error(error.code(), std::string("merges.txt: ") + error.what(), error.hint());
  }
  parts.added_tokens = config.added_tokens;
  add_named_tokens(config, parts);
  return parts;
}

}  // namespace unmask
