// Normaliser, pre-tokenizer, decoder and post-processor of tokenizer.json. Whatever is not known
// here is refused by name: to leave it out would give other ids without anybody noticing.
#include <optional>
#include <utility>

#include "text/tokenizer_json.h"

namespace unmask {
namespace {

Error unsupported(const JsonField& field, const std::string& type) {
  return field.error("is '" + type + "', which is not supported");
}

// Calls `visit` for every member of a (possibly nested) Sequence, or for `field` itself.
template <typename Visit>
void each_in_sequence(const JsonField& field, std::string_view list, const Visit& visit) {
  if (field.at("type").text() != "Sequence") return visit(field, field.at("type").text());
  const JsonField members = field.at(list);
  for (std::size_t i = 0; i < members.size(); ++i) each_in_sequence(members.at(i), list, visit);
}

std::string literal_pattern(const JsonField& field) {
  const JsonField pattern = field.at("pattern");
  if (!pattern.has("String")) throw pattern.error("is not a plain string, which is not supported");
  std::string literal = pattern.at("String").text();
  if (literal.empty()) throw pattern.error("is empty");
  return literal;
}

std::optional<unicode::Form> normal_form(const std::string& type) {
  if (type == "NFC") return unicode::Form::nfc;
  if (type == "NFD") return unicode::Form::nfd;
  if (type == "NFKC") return unicode::Form::nfkc;
  if (type == "NFKD") return unicode::Form::nfkd;
  return std::nullopt;
}

std::unique_ptr<Splitter> read_split(const JsonField& field) {
  if (field.at("behavior").text() != "Isolated") {
    throw unsupported(field.at("behavior"), field.at("behavior").text());
  }
  if (field.boolean_or("invert", false)) throw field.at("invert").error("is not supported");
  const JsonField pattern = field.at("pattern");
  if (!pattern.has("Regex")) return make_literal_splitter(literal_pattern(field));
  return make_splitter(pattern.at("Regex").text());
}

std::string metaspace_replacement(const JsonField& field) {
  std::string replacement = field.at("replacement").text();
  if (replacement.empty()) throw field.at("replacement").error("is empty");
  return replacement;
}

void read_metaspace(const JsonField& field, PreTokenizer& pre_tokenizer) {
  const std::string replacement = metaspace_replacement(field);
  // Older files say add_prefix_space instead.
  const bool prefix = field.boolean_or("add_prefix_space", true);
  const std::string scheme = field.text_or("prepend_scheme", prefix ? "always" : "never");
  pre_tokenizer.set_space(replacement);
  if (scheme == "always") {
    pre_tokenizer.set_prefix(replacement, PreTokenizer::Prefix::always);
  } else if (scheme == "first") {
    pre_tokenizer.set_prefix(replacement, PreTokenizer::Prefix::first);
  } else if (scheme != "never") {
    throw unsupported(field.at("prepend_scheme"), scheme);
  }
  if (field.boolean_or("split", true)) pre_tokenizer.add(make_word_start_splitter(replacement));
}

TokenDecoder::Metaspace metaspace_decoder(const JsonField& field) {
  const bool prefix = field.boolean_or("add_prefix_space", true);
  const std::string scheme = field.text_or("prepend_scheme", prefix ? "always" : "never");
  return {metaspace_replacement(field), scheme != "never"};
}

// A token of a post-processor: ["</s>", 2].
int paired_id(const JsonField& field) {
  return static_cast<int>(field.at(1).integer(0, TokenTable::kHighestId));
}

void read_template(const JsonField& field, std::vector<int>& prefix, std::vector<int>& suffix) {
  const JsonField single = field.at("single");
  bool after_text = false;
  for (std::size_t i = 0; i < single.size(); ++i) {
    const JsonField piece = single.at(i);
    if (piece.has("Sequence")) {
      after_text = true;
      continue;
    }
    const std::string name = piece.at("SpecialToken").at("id").text();
    const JsonField ids = field.at("special_tokens").at(name).at("ids");
    for (std::size_t k = 0; k < ids.size(); ++k) {
      const auto id = static_cast<int>(ids.at(k).integer(0, TokenTable::kHighestId));
      (after_text ? suffix : prefix).push_back(id);
    }
  }
}

}  // namespace

AddedToken read_added_token(const JsonField& field, int id) {
  AddedToken token;
  token.id = id;
  token.content = field.at("content").text();
  if (token.content.empty()) throw field.at("content").error("is empty");
  token.single_word = field.boolean_or("single_word", false);
  token.lstrip = field.boolean_or("lstrip", false);
  token.rstrip = field.boolean_or("rstrip", false);
  token.special = field.boolean_or("special", false);
  token.normalized = field.boolean_or("normalized", !token.special);
  return token;
}

Normalizer read_normalizer(const JsonField& root) {
  Normalizer normalizer;
  if (!root.has("normalizer")) return normalizer;
  each_in_sequence(
      root.at("normalizer"), "normalizers", [&](const JsonField& field, const std::string& type) {
        if (const auto form = normal_form(type)) {
          normalizer.add(*form);
        } else if (type == "Prepend") {
          normalizer.add(Normalizer::Prepend{field.at("prepend").text()});
        } else if (type == "Replace") {
          normalizer.add(Normalizer::Replace{literal_pattern(field), field.at("content").text()});
        } else {
          throw unsupported(field, type);
        }
      });
  return normalizer;
}

PreTokenizer read_pre_tokenizer(const JsonField& root, bool& byte_level) {
  PreTokenizer pre_tokenizer;
  byte_level = false;
  if (!root.has("pre_tokenizer")) return pre_tokenizer;
  std::size_t steps = 0;
  bool finished = false;  // both last steps rewrite the text, so nothing may follow them
  each_in_sequence(
      root.at("pre_tokenizer"), "pretokenizers",
      [&](const JsonField& field, const std::string& type) {
        if (finished) throw field.error("follows a step that must be the last");
        if (type == "Split") {
          pre_tokenizer.add(read_split(field));
        } else if (type == "Digits") {
          pre_tokenizer.add(make_digit_splitter(field.boolean_or("individual_digits", false)));
        } else if (type == "ByteLevel") {
          if (field.boolean_or("add_prefix_space", true)) {
            if (steps > 0) throw field.error("adds a space to every piece, which is not supported");
            pre_tokenizer.set_prefix(" ", PreTokenizer::Prefix::always);
          }
          if (field.boolean_or("use_regex", true)) {
            pre_tokenizer.add(make_splitter(std::string(kGpt2Pattern)));
          }
          byte_level = finished = true;
        } else if (type == "Metaspace" && steps == 0) {
          read_metaspace(field, pre_tokenizer);
          finished = true;
        } else {
          throw unsupported(field, type);
        }
        ++steps;
      });
  if (!byte_level && steps > 0 && !finished) {
    throw root.at("pre_tokenizer")
        .error("has no ByteLevel or Metaspace step, which is not supported");
  }
  return pre_tokenizer;
}

TokenDecoder read_decoder(const JsonField& root) {
  TokenDecoder decoder;
  if (!root.has("decoder")) {
    throw root.error("has no decoder", "tokens would be joined by spaces, which nobody wants");
  }
  each_in_sequence(
      root.at("decoder"), "decoders", [&](const JsonField& field, const std::string& type) {
        if (type == "ByteLevel") {
          decoder.add(TokenDecoder::ByteLevel{});
        } else if (type == "ByteFallback") {
          decoder.add(TokenDecoder::ByteFallback{});
        } else if (type == "Fuse") {
          decoder.add(TokenDecoder::Fuse{});
        } else if (type == "Replace") {
          decoder.add(TokenDecoder::Replace{literal_pattern(field), field.at("content").text()});
        } else if (type == "Strip") {
          const auto count = [&](const char* key) {
            return static_cast<std::size_t>(field.integer_or(key, 0, 0, 1000));
          };
          decoder.add(
              TokenDecoder::Strip{field.at("content").text(), count("start"), count("stop")});
        } else if (type == "Metaspace") {
          decoder.add(metaspace_decoder(field));
        } else {
          throw unsupported(field, type);
        }
      });
  return decoder;
}

void read_post_processor(const JsonField& root, std::vector<int>& prefix,
                         std::vector<int>& suffix) {
  if (!root.has("post_processor")) return;
  each_in_sequence(root.at("post_processor"), "processors",
                   [&](const JsonField& field, const std::string& type) {
                     if (type == "TemplateProcessing") {
                       read_template(field, prefix, suffix);
                     } else if (type == "RobertaProcessing" || type == "BertProcessing") {
                       prefix.push_back(paired_id(field.at("cls")));
                       suffix.push_back(paired_id(field.at("sep")));
                     }
                   });
}

}  // namespace unmask
