#include "text/bpe_model.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"
#include "text/byte_alphabet.h"
#include "text/token_decoder.h"
#include "unmask/error.h"

namespace unmask {

void BpeModel::add_merge(std::string_view left, std::string_view right, std::size_t number) {
  const auto fail = [&](const std::string& problem) {
    throw Error(ErrorCode::checkpoint, "merge " + std::to_string(number) + " ('" +
                                           utf8::printable(left, 40) + "' '" +
                                           utf8::printable(right, 40) + "') " + problem);
  };
  if (left.empty() || right.empty()) fail("has an empty part");
  const auto left_id = vocabulary.find(left);
  const auto right_id = vocabulary.find(right);
  if (!left_id || !right_id) {
    fail(std::string("has a ") + (left_id ? "second" : "first") +
         " part that is not in the vocabulary");
  }
  const auto id = vocabulary.find(std::string(left) += right);
  if (!id) fail("makes a token that is not in the vocabulary");
  if (!merges_.add(*left_id, *right_id, *id)) fail("is there twice");
}

void BpeModel::finish() {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string token = kind == SymbolKind::bytes
                                  ? std::string(byte_character(static_cast<std::uint8_t>(byte)))
                                  : fallback_token(byte);
    byte_ids_[static_cast<std::size_t>(byte)] = vocabulary.find(token).value_or(-1);
  }
}

void BpeModel::encode(std::string_view piece, std::vector<int>& ids) const {
  if (ignore_merges) {
    const auto whole = kind == SymbolKind::bytes ? vocabulary.find(to_byte_alphabet(piece))
                                                 : vocabulary.find(piece);
    if (whole) {
      ids.push_back(*whole);
      return;
    }
  }
  const std::size_t from = ids.size();
  if (kind == SymbolKind::bytes) {
    add_bytes(piece, ids);
  } else {
    add_characters(piece, ids);
  }
  apply_merges(merges_, ids, from);
}

void BpeModel::add_bytes(std::string_view bytes, std::vector<int>& ids) const {
  bool after_unknown = false;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    int id = byte_ids_[byte];
    if (id < 0) {
      if (!unknown) {
        throw Error(ErrorCode::checkpoint, "the tokenizer has no token for byte " +
                                               fallback_token(byte) + " and no unknown token");
      }
      if (after_unknown && fuse_unknown) continue;
      id = *unknown;
    }
    after_unknown = byte_ids_[byte] < 0;
    ids.push_back(id);
  }
}

void BpeModel::add_characters(std::string_view text, std::vector<int>& ids) const {
  bool after_unknown = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text, at);
    const std::string_view character = text.substr(at, decoded ? decoded->bytes : 1);
    at += character.size();
    if (const auto id = vocabulary.find(character)) {
      ids.push_back(*id);
      after_unknown = false;
    } else if (add_fallback(character, ids)) {
      after_unknown = false;
    } else if (!unknown) {
      throw Error(ErrorCode::checkpoint, "the tokenizer has no token for '" +
                                             utf8::printable(character) + "' and no unknown token");
    } else {
      if (!(after_unknown && fuse_unknown)) ids.push_back(*unknown);
      after_unknown = true;
    }
  }
}

// All bytes of the character or none.
bool BpeModel::add_fallback(std::string_view character, std::vector<int>& ids) const {
  const auto id_of = [this](char c) { return byte_ids_[static_cast<unsigned char>(c)]; };
  if (!byte_fallback ||
      std::any_of(character.begin(), character.end(), [&](char c) { return id_of(c) < 0; })) {
    return false;
  }
  for (const char c : character) ids.push_back(id_of(c));
  return true;
}

}  // namespace unmask
