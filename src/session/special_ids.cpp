#include "session/special_ids.h"

#include "text/special_tokens.h"
#include "unmask/error.h"

namespace unmask {
namespace {

void check_row(std::string_view what, int id, const ModelFacts& facts) {
  if (id < facts.spec.vocab_rows) return;
  throw Error(ErrorCode::checkpoint,
              "the tokenizer's " + std::string(what) + " token has the id " + std::to_string(id) +
                  ", but the model has only " + std::to_string(facts.spec.vocab_rows) + " rows",
              "tokenizer and weights may be of different models");
}

}  // namespace

void fill_special_ids(const TokenizerFiles& files, const Tokenizer* tokenizer, ModelFacts& facts) {
  if (tokenizer == nullptr) return;
  if (facts.mask_id == kUnknownId) {
    facts.mask_id = mask_token_id(files, *tokenizer).value_or(kUnknownId);
    check_row("mask", facts.mask_id, facts);
  }
  if (facts.end_ids.empty()) {
    if (const auto end = end_token_id(files, *tokenizer)) {
      check_row("end", *end, facts);
      facts.end_ids = facts.reference.end_ids = facts.defaults.end_ids = {*end};
    }
  }
}

void require_mask_id(const ModelFacts& facts) {
  if (facts.mask_id != kUnknownId) return;
  throw Error(ErrorCode::checkpoint, "neither config.json nor the tokenizer names a mask token",
              "name its id with --mask-id N");
}

}  // namespace unmask
