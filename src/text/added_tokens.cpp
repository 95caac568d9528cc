#include "text/added_tokens.h"

#include <algorithm>

#include "base/utf8.h"
#include "text/unicode.h"

namespace unmask {
namespace {

// Where the last character of text[0, end) starts.
std::size_t previous_character(std::string_view text, std::size_t end) {
  std::size_t at = end - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

bool word_before(std::string_view text, std::size_t end) {
  if (end == 0) return false;
  const auto decoded = utf8::decode(text, previous_character(text, end));
  return decoded && unicode::is_word(decoded->code_point);
}

bool word_after(std::string_view text, std::size_t at) {
  const auto decoded = utf8::decode(text, at);
  return decoded && unicode::is_word(decoded->code_point);
}

std::size_t without_space_before(std::string_view text, std::size_t end) {
  while (end > 0) {
    const std::size_t at = previous_character(text, end);
    const auto decoded = utf8::decode(text, at);
    if (!decoded || !unicode::is_space(decoded->code_point)) break;
    end = at;
  }
  return end;
}

std::size_t after_space(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const auto decoded = utf8::decode(text, at);
    if (!decoded || !unicode::is_space(decoded->code_point)) break;
    at += decoded->bytes;
  }
  return at;
}

}  // namespace

AddedTokenFinder::AddedTokenFinder() : nodes_(1) { first_.fill(0); }

void AddedTokenFinder::add(std::string_view pattern, AddedToken token) {
  if (pattern.empty()) return;  // a normaliser that leaves nothing of it; it can never be found
  std::uint32_t at = 0;
  for (const char c : pattern) {
    const auto byte = static_cast<unsigned char>(c);
    auto& children = nodes_[at].children;
    const auto child = std::find_if(children.begin(), children.end(),
                                    [byte](const auto& entry) { return entry.first == byte; });
    if (child != children.end()) {
      at = child->second;
    } else {
      const auto created = static_cast<std::uint32_t>(nodes_.size());
      children.emplace_back(byte, created);
      if (at == 0) first_[byte] = created;
      nodes_.emplace_back();
      at = created;
    }
  }
  nodes_[at].token = static_cast<int>(tokens_.size());
  tokens_.push_back(std::move(token));
}

AddedTokenFinder::Match AddedTokenFinder::longest_at(std::string_view text, std::size_t at) const {
  Match best;
  std::uint32_t node = first_[static_cast<unsigned char>(text[at])];
  while (node != 0) {
    ++at;
    if (const int token = nodes_[node].token; token >= 0) {
      best = {&tokens_[static_cast<std::size_t>(token)], at};
    }
    if (at == text.size()) break;
    const auto& children = nodes_[node].children;
    const auto byte = static_cast<unsigned char>(text[at]);
    const auto child = std::find_if(children.begin(), children.end(),
                                    [byte](const auto& entry) { return entry.first == byte; });
    node = child == children.end() ? 0 : child->second;
  }
  return best;
}

std::vector<AddedTokenFinder::Part> AddedTokenFinder::find(std::string_view text,
                                                           const SpecialAreas& areas) const {
  std::vector<Part> parts;
  std::size_t done = 0;
  std::size_t area = 0;  // of areas.areas(), the one that `at` is in
  for (std::size_t at = 0; at < text.size();) {
    const Match match = longest_at(text, at);
    if (match.token == nullptr) {
      ++at;
      continue;
    }
    const AddedToken& token = *match.token;
    if (token.special && !areas.allows(at, match.end)) {
      while (areas.areas()[area].end <= at) ++area;
      at = std::min(match.end, areas.areas()[area].end);
      continue;
    }
    std::size_t from = at;
    std::size_t to = match.end;
    at = match.end;
    if (token.single_word && (word_before(text, from) || word_after(text, to))) continue;
    if (token.lstrip) from = std::max(without_space_before(text, from), done);
    if (token.rstrip) to = after_space(text, to);
    if (done < from) parts.push_back({done, from, nullptr});
    parts.push_back({from, to, &token});
    done = to;
    at = std::max(at, done);
  }
  if (done < text.size()) parts.push_back({done, text.size(), nullptr});
  return parts;
}

}  // namespace unmask
