#include "text/bpe_tokenizer.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/utf8.h"
#include "unmask/error.h"

namespace unmask {
namespace {

class BpeTokenizer final : public Tokenizer {
 public:
  explicit BpeTokenizer(BpeParts parts) : parts_(std::move(parts)) {
    parts_.model.finish();
    for (const AddedToken& token : parts_.added_tokens) add(token);
  }

  std::vector<int> encode_spans(std::span<const TextSpan> spans) const override {
    const std::string text = join_spans(spans);
    const SpecialAreas areas(spans);
    std::vector<int> ids;
    for (const auto& part : raw_tokens_.find(text, areas)) {
      if (part.token != nullptr) {
        ids.push_back(part.token->id);
      } else {
        const auto view = std::string_view(text).substr(part.from, part.to - part.from);
        encode_raw(view, areas.part(part.from, part.to), part.from == 0, ids);
      }
    }
    return ids;
  }

  std::string decode(std::span<const int> ids, bool skip_special) const override {
    std::vector<std::string> tokens;
    tokens.reserve(ids.size());
    for (const int id : ids) {
      if (id < 0) throw Error(ErrorCode::usage, "there is no token " + std::to_string(id));
      if (skip_special && is_special(id)) continue;
      if (std::string token = token_text(id); !token.empty()) tokens.push_back(std::move(token));
    }
    return parts_.decoder.decode(std::move(tokens));
  }

  std::optional<int> token_id(std::string_view token) const override {
    const auto added = ids_.find(std::string(token));
    return added != ids_.end() ? added->second : parts_.model.vocabulary.find(token);
  }

  std::string token_text(int id) const override {
    const auto added = added_.find(id);
    return added != added_.end() ? added->second.content
                                 : std::string(parts_.model.vocabulary.text(id));
  }

  bool is_special(int id) const override {
    const auto added = added_.find(id);
    return added != added_.end() && added->second.special;
  }

  int vocab_size() const override { return std::max(parts_.model.vocabulary.size(), added_end_); }
  std::vector<int> prefix_ids() const override { return parts_.prefix_ids; }
  std::vector<int> suffix_ids() const override { return parts_.suffix_ids; }

 private:
  void add(const AddedToken& token) {
    const TokenTable& vocabulary = parts_.model.vocabulary;
    const auto fail = [&token](const std::string& problem) {
      throw Error(ErrorCode::checkpoint, "added token " + std::to_string(token.id) + " '" +
                                             utf8::printable(token.content) + "' " + problem);
    };
    if (token.content.empty()) fail("is empty");
    if (token.id < 0 || token.id > TokenTable::kHighestId) fail("has an id out of range");
    if (vocabulary.contains(token.id) && vocabulary.text(token.id) != token.content) {
      fail("has the id of '" + utf8::printable(vocabulary.text(token.id)) + "'");
    }
    if (const auto id = vocabulary.find(token.content); id && *id != token.id) {
      fail("is in the vocabulary as " + std::to_string(*id));
    }
    if (!added_.emplace(token.id, token).second) fail("has the id of another added token");
    if (!ids_.emplace(token.content, token.id).second) fail("is there twice");
    added_end_ = std::max(added_end_, token.id + 1);
    if (token.normalized) {
      normalized_tokens_.add(parts_.normalizer.apply(token.content), token);
    } else {
      raw_tokens_.add(token.content, token);
    }
  }

  // Text between the added tokens that are looked for in the text as given.
  void encode_raw(std::string_view text, const SpecialAreas& areas, bool at_start,
                  std::vector<int>& ids) const {
    if (normalized_tokens_.empty()) {
      encode_normalized(parts_.normalizer.apply(text), at_start, ids);
      return;
    }
    // Normalising moves the borders of the areas, so each is normalised for itself.
    std::string normalized;
    SpecialAreas normalized_areas;
    std::size_t begin = 0;
    for (const auto& area : areas.areas()) {
      const std::string part =
          parts_.normalizer.apply(text.substr(begin, area.end - begin), begin == 0);
      normalized += part;
      normalized_areas.append(part.size(), area.allowed);
      begin = area.end;
    }
    for (const auto& part : normalized_tokens_.find(normalized, normalized_areas)) {
      if (part.token != nullptr) {
        ids.push_back(part.token->id);
      } else {
        const auto view = std::string_view(normalized).substr(part.from, part.to - part.from);
        encode_normalized(view, at_start && part.from == 0, ids);
      }
    }
  }

  void encode_normalized(std::string_view text, bool at_start, std::vector<int>& ids) const {
    std::string scratch;
    for (const std::string_view piece : parts_.pre_tokenizer.run(text, at_start, scratch)) {
      parts_.model.encode(piece, ids);
    }
  }

  BpeParts parts_;
  AddedTokenFinder raw_tokens_;
  AddedTokenFinder normalized_tokens_;
  std::unordered_map<int, AddedToken> added_;
  std::unordered_map<std::string, int> ids_;
  int added_end_ = 0;
};

}  // namespace

std::unique_ptr<Tokenizer> make_bpe_tokenizer(BpeParts parts) {
  return std::make_unique<BpeTokenizer>(std::move(parts));
}

}  // namespace unmask
