#include "text/bpe_vocabulary.h"

#include <string>

#include "base/utf8.h"

namespace unmask {

void read_vocabulary(const JsonField& field, TokenTable& vocabulary) {
  const Json& entries = field.value();
  if (!entries.is_object()) throw field.error("must be an object");
  std::size_t bytes = 0;
  for (const auto& [token, id] : entries.items()) bytes += token.size();
  vocabulary.reserve(entries.size(), bytes);
  for (const auto& [token, id] : entries.items()) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() > TokenTable::kHighestId) {
      throw field.at(token).error("must be an id from 0 to " +
                                  std::to_string(TokenTable::kHighestId));
    }
    if (vocabulary.insert(token, id.get<int>()) != TokenTable::Insert::done) {
      throw field.at(token).error("has the id of '" +
                                  utf8::printable(vocabulary.text(id.get<int>())) + "'");
    }
  }
}

void add_merge_line(std::string_view line, std::size_t number, BpeModel& model) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
    throw Error(ErrorCode::checkpoint, "merge " + std::to_string(number) + " '" +
                                           utf8::printable(line) +
                                           "' must be two tokens with a space between them");
  }
  model.add_merge(line.substr(0, space), line.substr(space + 1), number);
}

}  // namespace unmask
