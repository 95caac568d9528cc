// Which files of a checkpoint make its tokenizer.
#include <algorithm>
#include <optional>
#include <utility>

#include "text/bpe_tokenizer.h"
#include "text/bpe_vocabulary.h"
#include "text/sentencepiece_tokenizer.h"
#include "text/tokenizer.h"
#include "text/tokenizer_files.h"
#include "text/tokenizer_json.h"
#include "text/vocab_merges.h"
#include "unmask/error.h"

namespace unmask {
namespace {

std::optional<MappedFile> sentencepiece_model(const TokenizerFiles& files) {
  auto model = files.member("tokenizer.model");
  return model ? std::move(model) : files.member("spiece.model");
}

// Tokens that somebody added after tokenizer.json was written, a mask token for instance.
void add_missing(const std::vector<AddedToken>& more, std::vector<AddedToken>& tokens) {
  for (const AddedToken& token : more) {
    const bool known = std::any_of(tokens.begin(), tokens.end(), [&](const AddedToken& other) {
      return other.content == token.content;
    });
    if (!known) tokens.push_back(token);
  }
}

std::unique_ptr<Tokenizer> from_tokenizer_json(const MappedFile& file,
                                               const TokenizerFiles& files) {
  const std::string source = "tokenizer.json";
  TokenizerJson json(file.text(kLargestTokenizerFile), source);
  const std::string type = json.model_type();
  if (type == "BPE") {
    BpeParts parts = json.take_bpe_parts();
    add_missing(files.config().added_tokens, parts.added_tokens);
    return make_bpe_tokenizer(std::move(parts));
  }
  if (type != "Unigram") {
    throw Error(ErrorCode::checkpoint, source + " has a model of type '" + type +
                                           "', which is not supported; known are BPE and Unigram");
  }
  if (const auto model = sentencepiece_model(files)) {
    return load_sentencepiece(*model, json.added_tokens());
  }
  throw Error(ErrorCode::checkpoint,
              source + " has a Unigram model and no sentencepiece model beside it",
              "put the tokenizer.model or spiece.model it was made from into " + files.where());
}

}  // namespace

std::unique_ptr<Tokenizer> load_tokenizer(const TokenizerFiles& files) {
  if (const auto json = files.member("tokenizer.json")) return from_tokenizer_json(*json, files);
  if (const auto model = sentencepiece_model(files)) {
    return load_sentencepiece(*model, files.config().added_tokens);
  }
  const auto vocabulary = files.member("vocab.json"), merges = files.member("merges.txt");
  if (vocabulary && merges) {
    return make_bpe_tokenizer(read_vocab_merges(*vocabulary, *merges, files.config()));
  }
  throw Error(ErrorCode::checkpoint, "no tokenizer in " + files.where(),
              "it needs a tokenizer.json, a tokenizer.model, or a vocab.json with its merges.txt");
}

}  // namespace unmask
