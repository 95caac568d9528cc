// Which files of a checkpoint folder make its tokenizer.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/file.h"
#include "text/bpe_tokenizer.h"
#include "text/bpe_vocabulary.h"
#include "text/sentencepiece_tokenizer.h"
#include "text/tokenizer.h"
#include "text/tokenizer_config.h"
#include "text/tokenizer_json.h"
#include "text/vocab_merges.h"
#include "unmask/error.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> sentencepiece_model(const fs::path& folder) {
  for (const char* name : {"tokenizer.model", "spiece.model"}) {
    if (fs::exists(folder / name)) return folder / name;
  }
  return std::nullopt;
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

std::unique_ptr<Tokenizer> from_tokenizer_json(const fs::path& folder) {
  const std::string source = "tokenizer.json";
  const MappedFile file(folder / source);
  if (file.text().size() > kLargestTokenizerFile) {
    throw Error(ErrorCode::checkpoint, source + " has " + std::to_string(file.text().size()) +
                                           " bytes, at most 128 MiB are accepted");
  }
  TokenizerJson json(file.text(), source);
  const std::string type = json.model_type();
  if (type == "BPE") {
    BpeParts parts = json.take_bpe_parts();
    add_missing(read_tokenizer_config(folder).added_tokens, parts.added_tokens);
    return make_bpe_tokenizer(std::move(parts));
  }
  if (type != "Unigram") {
    throw Error(ErrorCode::checkpoint, source + " has a model of type '" + type +
                                           "', which is not supported; known are BPE and Unigram");
  }
  if (const auto model = sentencepiece_model(folder)) {
    return load_sentencepiece(*model, json.added_tokens());
  }
  throw Error(ErrorCode::checkpoint,
              source + " has a Unigram model and no sentencepiece model beside it",
              "put the tokenizer.model or spiece.model it was made from into " + folder.string());
}

}  // namespace

std::unique_ptr<Tokenizer> load_tokenizer(const fs::path& folder) {
  if (fs::exists(folder / "tokenizer.json")) return from_tokenizer_json(folder);
  if (const auto model = sentencepiece_model(folder)) {
    return load_sentencepiece(*model, read_tokenizer_config(folder).added_tokens);
  }
  if (fs::exists(folder / "vocab.json") && fs::exists(folder / "merges.txt")) {
    return make_bpe_tokenizer(read_vocab_merges(folder, read_tokenizer_config(folder)));
  }
  throw Error(ErrorCode::checkpoint, "no tokenizer in " + folder.string(),
              "it needs a tokenizer.json, a tokenizer.model, or a vocab.json with its merges.txt");
}

}  // namespace unmask
