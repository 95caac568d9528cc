#include "text/jinja_text.h"

#include <algorithm>

#include "base/hash.h"

namespace unmask {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_white(char c) { return is_blank(c) || c == '\n' || c == '\r'; }

struct Tag {
  std::size_t from = 0, to = 0;  // with the braces
  char kind = '\0';              // '{' expression, '%' statement, '#' comment; none: the end
  bool strips_before = false, strips_after = false;
};

// The end of the string literal that opens at `at`.
std::size_t string_end(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    }
  }
  return text.size();
}

// The next tag at or after `at`; an empty one at the end when there is none.
Tag next_tag(std::string_view text, std::size_t at) {
  while ((at = text.find('{', at)) != std::string_view::npos) {
    const char kind = at + 1 < text.size() ? text[at + 1] : '\0';
    if (kind == '{' || kind == '%' || kind == '#') break;
    ++at;
  }
  if (at == std::string_view::npos) return {text.size(), text.size()};
  const char kind = text[at + 1];
  const char closing[] = {kind == '{' ? '}' : kind, '}', '\0'};
  std::size_t end = at + 2;
  while (end < text.size() && text.compare(end, 2, closing) != 0) {
    const bool quoted = kind != '#' && (text[end] == '\'' || text[end] == '"');
    end = quoted ? string_end(text, end) : end + 1;
  }
  end = std::min(end, text.size());
  const bool before = at + 2 < text.size() && text[at + 2] == '-';
  return {at, std::min(end + 2, text.size()), kind, before, end > at + 2 && text[end - 1] == '-'};
}

// What is rendered of the text between two tags.
std::string_view rendered(std::string_view text, const Tag& before, const Tag& after) {
  std::string_view part = text.substr(before.to, after.from - before.to);
  const auto is_block = [](const Tag& tag) { return tag.kind == '%' || tag.kind == '#'; };
  bool starts_line = before.to == 0;
  if (before.strips_after) {
    while (!part.empty() && is_white(part.front())) part.remove_prefix(1);
  } else if (is_block(before) && part.starts_with('\n')) {
    part.remove_prefix(1);
    starts_line = true;
  }
  std::string_view stripped = part;
  if (after.strips_before) {
    while (!stripped.empty() && is_white(stripped.back())) stripped.remove_suffix(1);
    return stripped;
  }
  while (!stripped.empty() && is_blank(stripped.back())) stripped.remove_suffix(1);
  if (!stripped.empty()) starts_line = stripped.back() == '\n';
  return is_block(after) && starts_line ? stripped : part;
}

void append_tag(std::string_view tag, std::string& into) {
  for (std::size_t at = 0; at < tag.size();) {
    if (tag[at] != '\'' && tag[at] != '"') {
      if (!is_white(tag[at])) into += tag[at];
      ++at;
      continue;
    }
    const std::size_t end = string_end(tag, at);
    for (; at < end; ++at) {
      if (tag[at] == '\n') {
        into += "\\n";
      } else {
        into += tag[at];
      }
    }
  }
}

}  // namespace

std::string canonical_template(std::string_view jinja) {
  // Jinja drops one line break at the very end.
  if (jinja.ends_with('\n')) jinja.remove_suffix(1);
  std::string result;
  Tag before{};
  while (true) {
    const Tag tag = next_tag(jinja, before.to);
    result += rendered(jinja, before, tag);
    if (tag.kind == '\0') return result;
    if (tag.kind != '#') {
      const std::size_t from = tag.from + (tag.strips_before ? 3 : 2);
      const std::size_t closing = tag.strips_after ? 3 : 2;
      result += tag.kind == '{' ? "{{" : "{%";
      append_tag(jinja.substr(from, std::max(tag.to, from + closing) - closing - from), result);
      result += tag.kind == '{' ? "}}" : "%}";
    }
    before = tag;
  }
}

std::uint64_t template_fingerprint(std::string_view jinja) {
  return fnv1a(canonical_template(jinja));
}

}  // namespace unmask
