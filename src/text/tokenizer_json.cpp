#include "text/tokenizer_json.h"

#include "text/bpe_vocabulary.h"

namespace unmask {
namespace {

// ["a b", ...] as it was, [["a", "b"], ...] since tokenizers 0.20.
void read_merges(const JsonField& field, BpeModel& model) {
  const std::size_t count = field.size();
  model.reserve_merges(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Json& merge = field.value()[i];
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      model.add_merge(merge[0].get_ref<const std::string&>(),
                      merge[1].get_ref<const std::string&>(), i);
      continue;
    }
    if (!merge.is_string()) throw field.at(i).error("must be a pair of strings");
    const std::string_view line = merge.get_ref<const std::string&>();
    if (i == 0 && line.starts_with("#version")) continue;
    add_merge_line(line, i, model);
  }
}

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

TokenizerJson::TokenizerJson(std::string_view text, const std::string& source)
    : source_(source), document_(parse_json(text, source)) {}

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

BpeModel TokenizerJson::model(const JsonField& field) const {
  refuse_unknown_options(field);
  BpeModel model;
  model.ignore_merges = field.boolean_or("ignore_merges", false);
  model.byte_fallback = field.boolean_or("byte_fallback", false);
  model.fuse_unknown = field.boolean_or("fuse_unk", false);
  read_vocabulary(field.at("vocab"), model.vocabulary);
  try {
    read_merges(field.at("merges"), model);
  } catch (const Error& error) {
    if (std::string_view(error.what()).starts_with(source_)) throw;
    throw Error(error.code(), source_ + ": " + error.what());
  }
  if (field.has("unk_token")) {
    model.unknown = model.vocabulary.find(field.at("unk_token").text());
    if (!model.unknown) throw field.at("unk_token").error("is not in the vocabulary");
  }
  return model;
}

BpeParts TokenizerJson::bpe_parts() const {
  BpeParts parts;
  parts.model = model(root().at("model"));
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
