#include "text/sentencepiece_tokenizer.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <unordered_map>

#include "base/utf8.h"
#include "text/bpe_vocabulary.h"
#include "text/model_precheck.h"
#include "unmask/error.h"

namespace unmask {
namespace {

class SentencePieceTokenizer final : public Tokenizer {
 public:
  SentencePieceTokenizer(std::string_view model, const std::string& source,
                         const std::vector<AddedToken>& added_tokens) {
    sentencepiece::SetMinLogLevel(3);  // what fails is reported by us
    const auto status = processor_.LoadFromSerializedProto(model);
    if (!status.ok()) {
      throw Error(ErrorCode::checkpoint, source + ": " + std::string(status.message()));
    }
    size_ = pieces_ = processor_.GetPieceSize();
    for (int id = 0; id < pieces_; ++id) {
      if (processor_.IsControl(id)) find_special(id, processor_.IdToPiece(id));
    }
    for (const AddedToken& token : added_tokens) add(token, source);
  }

  std::vector<int> encode_spans(std::span<const TextSpan> spans) const override {
    const std::string text = join_spans(spans);
    std::vector<int> ids;
    for (const auto& part : finder_.find(text, SpecialAreas(spans))) {
      if (part.token != nullptr) {
        ids.push_back(part.token->id);
      } else {
        encode_text(std::string_view(text).substr(part.from, part.to - part.from), ids);
      }
    }
    return ids;
  }

  std::string decode(std::span<const int> ids, bool skip_special) const override {
    std::string text;
    std::vector<int> run;  // pieces of the model, which only make sense together
    const auto end_run = [&] {
      if (!run.empty()) text += decode_pieces(run);
      run.clear();
    };
    for (const int id : ids) {
      if (id < 0) throw Error(ErrorCode::usage, "there is no token " + std::to_string(id));
      if (id < pieces_) {
        run.push_back(id);
      } else if (const auto token = extra_.find(id); token != extra_.end()) {
        if (skip_special && token->second.special) continue;
        end_run();
        text += token->second.content;
      }
    }
    end_run();
    return text;
  }

  std::optional<int> token_id(std::string_view token) const override {
    for (const auto& [id, extra] : extra_) {
      if (extra.content == token) return id;
    }
    // The library answers with the unknown token where there is none.
    const int id = processor_.PieceToId(token);
    if (id < 0 || id >= pieces_ || processor_.IdToPiece(id) != token) return std::nullopt;
    return id;
  }

  std::string token_text(int id) const override {
    if (id >= 0 && id < pieces_) return processor_.IdToPiece(id);
    const auto token = extra_.find(id);
    return token == extra_.end() ? "" : token->second.content;
  }

  bool is_special(int id) const override {
    if (id >= 0 && id < pieces_) return processor_.IsControl(id);
    const auto token = extra_.find(id);
    return token != extra_.end() && token->second.special;
  }

  int vocab_size() const override { return size_; }

 private:
  void find_special(int id, const std::string& content) {
    AddedToken token;
    token.id = id;
    token.content = content;
    token.special = true;
    finder_.add(content, std::move(token));
  }

  void add(const AddedToken& token, const std::string& source) {
    const auto fail = [&](const std::string& problem) {
      throw Error(ErrorCode::checkpoint,
                  "added token " + std::to_string(token.id) + " '" +
                      utf8::printable(token.content) + "' " + problem,
                  "the ids of this checkpoint are not those of " + source);
    };
    if (token.id < pieces_ && processor_.IdToPiece(token.id) != token.content) {
      fail("is '" + utf8::printable(processor_.IdToPiece(token.id)) + "' in " + source);
    }
    if (token.id < pieces_) return;
    if (const auto id = token_id(token.content)) fail("is " + std::to_string(*id) + " elsewhere");
    if (!extra_.emplace(token.id, token).second) fail("has the id of another added token");
    finder_.add(token.content, token);
    size_ = std::max(size_, token.id + 1);
  }

  void encode_text(std::string_view text, std::vector<int>& ids) const {
    std::vector<int> pieces;
    if (const auto status = processor_.Encode(text, &pieces); !status.ok()) {
      throw Error(ErrorCode::failure, "cannot encode: " + std::string(status.message()));
    }
    ids.insert(ids.end(), pieces.begin(), pieces.end());
  }

  std::string decode_pieces(const std::vector<int>& ids) const {
    std::string text;
    if (const auto status = processor_.Decode(absl::MakeConstSpan(ids), &text); !status.ok()) {
      throw Error(ErrorCode::failure, "cannot decode: " + std::string(status.message()));
    }
    return text;
  }

  sentencepiece::SentencePieceProcessor processor_;
  int pieces_ = 0;                             // ids below are the model's own
  int size_ = 0;                               // with those after them
  AddedTokenFinder finder_;                    // of control pieces and of extra_
  std::unordered_map<int, AddedToken> extra_;  // from pieces_ on
};

}  // namespace

std::unique_ptr<Tokenizer> load_sentencepiece(const MappedFile& file,
                                              const std::vector<AddedToken>& added_tokens) {
  const std::string source = file.path().filename().string();
  // A copy: what the library gets must be what was looked at.
  const std::string model(file.text(kLargestTokenizerFile));
  precheck_sentencepiece_model(model, source);
  return std::make_unique<SentencePieceTokenizer>(model, source, added_tokens);
}

}  // namespace unmask
