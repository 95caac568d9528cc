#include "text/normalizer.h"

#include <algorithm>
#include <utility>

namespace unmask {

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t found = std::min(text.find(from, at), text.size());
    result += text.substr(at, found - at);
    if (found < text.size()) result += to;
    at = found + from.size();
  }
  return result;
}

void Normalizer::add(Step step) { steps_.push_back(std::move(step)); }

std::string Normalizer::apply(std::string_view text, bool at_start) const {
  std::string result(text);
  for (const Step& step : steps_) {
    if (const auto* form = std::get_if<unicode::Form>(&step)) {
      result = unicode::normalize(result, *form);
    } else if (const auto* prepend = std::get_if<Prepend>(&step)) {
      if (at_start && !result.empty()) result.insert(0, prepend->text);
    } else {
      const auto& replace = std::get<Replace>(step);
      result = replace_all(result, replace.from, replace.to);
    }
  }
  return result;
}

}  // namespace unmask
