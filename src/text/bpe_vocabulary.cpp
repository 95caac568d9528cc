#include "text/bpe_vocabulary.h"

#include "base/utf8.h"

namespace unmask {

JsonSink vocabulary_sink(const std::string& path, const std::string& source,
                         TokenTable& vocabulary) {
  const auto fail = [path, source](std::string_view token, const std::string& problem) {
    const std::string name = path.empty() ? "" : path + ".";
    throw Error(ErrorCode::checkpoint,
                source + ": '" + name + utf8::printable(token) + "' " + problem);
  };
  const auto insert = [&vocabulary, fail](std::string_view token, const Json& id) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() > TokenTable::kHighestId) {
      fail(token, "must be an id from 0 to " + std::to_string(TokenTable::kHighestId));
    }
    const auto done = vocabulary.insert(token, id.get<int>());
    if (done == TokenTable::Insert::known_token) fail(token, "is there twice");
    if (done == TokenTable::Insert::known_id) {
      fail(token, "has the id of '" + utf8::printable(vocabulary.text(id.get<int>())) + "'");
    }
  };
  return {path, insert, nullptr};
}

void MergeList::add(const Json& merge) {
  if (merge.is_string()) return add_line(merge.get_ref<const std::string&>());
  std::uint32_t split = kNoSplit;
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
    text_ += merge[0].get_ref<const std::string&>();
    split = static_cast<std::uint32_t>(text_.size());
    text_ += merge[1].get_ref<const std::string&>();
  }
  merges_.push_back({static_cast<std::uint32_t>(text_.size()), split});
}

void MergeList::add_line(std::string_view line) {
  if (merges_.empty() && line.starts_with("#version")) return;
  const std::size_t space = line.find(' ');
  std::uint32_t split = kNoSplit;
  if (space != std::string_view::npos && line.find(' ', space + 1) == std::string_view::npos) {
    text_ += line.substr(0, space);
    split = static_cast<std::uint32_t>(text_.size());
    text_ += line.substr(space + 1);
  } else {
    text_ += line;
  }
  merges_.push_back({static_cast<std::uint32_t>(text_.size()), split});
}

void MergeList::move_into(BpeModel& model) const {
  model.reserve_merges(merges_.size());
  std::uint32_t begin = 0;
  for (std::size_t number = 0; number < merges_.size(); ++number) {
    const auto [end, split] = merges_[number];
    const auto text = std::string_view(text_).substr(begin, end - begin);
    if (split == kNoSplit) {
      throw Error(ErrorCode::checkpoint,
                  "merge " + std::to_string(number) + " '" + utf8::printable(text) +
                      "' must be two tokens, a pair or with a space between");
    }
    model.add_merge(text.substr(0, split - begin), text.substr(split - begin), number);
    begin = end;
  }
}

}  // namespace unmask
