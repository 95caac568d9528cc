#include "text/tokenizer_json.h"

#include <utility>

namespace unmask {
namespace {

// Options of the BPE model that change what it does and that no known checkpoint sets.
void refuse_unknown_options(const JsonField& field) {
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (!field.text_or(key, "").empty()) throw field.at(key).error("is not supported");
  }
  if (field.number_or("dropout", 0, 0, 1) != 0) {
    throw field.at("dropout").error("is not supported: it would encode at random");
  }
}

}  // namespace

TokenizerJson::TokenizerJson(std::string_view text, const std::string& source) : source_(source) {
  const JsonSink sinks[] = {
      vocabulary_sink("model.vocab", source, model_.vocabulary),
      {"model.merges", nullptr, [this](const Json& merge) { merges_.add(merge); }}};
  document_ = parse_json(text, source, sinks);
}

std::string TokenizerJson::model_type() const {
  const JsonField field = root().at("model");
  // Files from before the field existed can only be told by their merges.
  return field.text_or("type", field.has("merges") ? "BPE" : "without a type");
}

std::vector<AddedToken> TokenizerJson::added_tokens() const {
  std::vector<AddedToken> tokens;
  if (!root().has("added_tokens")) return tokens;
  const JsonField list = root().at("added_tokens");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const JsonField field = list.at(i);
    const auto id = field.at("id").integer(0, TokenTable::kHighestId);
    tokens.push_back(read_added_token(field, static_cast<int>(id)));
  }
  return tokens;
}

void TokenizerJson::complete_model(const JsonField& field) {
  refuse_unknown_options(field);
  model_.ignore_merges = field.boolean_or("ignore_merges", false);
  model_.byte_fallback = field.boolean_or("byte_fallback", false);
  model_.fuse_unknown = field.boolean_or("fuse_unk", false);
  if (!field.at("vocab").value().is_object()) throw field.at("vocab").error("must be an object");
  if (!field.at("merges").value().is_array()) throw field.at("merges").error("must be an array");
  try {
    merges_.move_into(model_);
  } catch (const Error& error) {
    throw Error(error.code(), source_ + ": " + error.what());
  }
  if (field.has("unk_token")) {
    model_.unknown = model_.vocabulary.find(field.at("unk_token").text());
    if (!model_.unknown) throw field.at("unk_token").error("is not in the vocabulary");
  }
}

BpeParts TokenizerJson::take_bpe_parts() {
  BpeParts parts;
  complete_model(root().at("model"));
  parts.model = std::move(model_);
  parts.added_tokens = added_tokens();
  parts.normalizer = read_normalizer(root());
  bool byte_level = false;
  parts.pre_tokenizer = read_pre_tokenizer(root(), byte_level);
  parts.model.kind = byte_level ? SymbolKind::bytes : SymbolKind::characters;
  parts.decoder = read_decoder(root());
  read_post_processor(root(), parts.prefix_ids, parts.suffix_ids);
  return parts;
}

}  // namespace unmask
