// Reading a BPE vocabulary and its merges, which tokenizer.json and vocab.json have in common.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/json.h"
#include "text/bpe_model.h"

namespace unmask {

constexpr std::uint64_t kLargestTokenizerFile = std::uint64_t{128} << 20;

/// {"token": id, ...}. Error{checkpoint} for ids out of range or given twice.
void read_vocabulary(const JsonField& field, TokenTable& vocabulary);

/// A merge written as two tokens with a space between them. Error{checkpoint} with its `number`.
void add_merge_line(std::string_view line, std::size_t number, BpeModel& model);

}  // namespace unmask
