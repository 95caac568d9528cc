// The steps behind a value: attributes, indices, calls, filters and tests.
#include <set>

#include "base/utf8.h"
#include "text/jinja/filters.h"
#include "text/jinja/parser_base.h"

namespace unmask::jinja {

void ExpressionParser::add_link(ExpressionPointer& base, Link link) {
  if (base->kind != ExpressionKind::chain) {
    auto chain = make(ExpressionKind::chain, base->at);
    chain->parts.push_back(std::move(base));
    base = std::move(chain);
  }
  base->links.push_back(std::move(link));
}

ExpressionPointer ExpressionParser::postfix(ExpressionPointer base) {
  while (is_symbol(".") || is_symbol("[") || is_symbol("(")) add_link(base, subscript());
  return base;
}

// .name, .0, [...] or (...)
Link ExpressionParser::subscript() {
  Link link{.kind = LinkKind::attribute, .at = peek().at};
  if (take_symbol(".")) {
    if (peek().kind == TokenKind::integer) {
      link.kind = LinkKind::item;
      link.parts.push_back(number(take()));
    } else {
      link.name = expect(TokenKind::name, "a name").text;
    }
    return link;
  }
  const Nested nested(*this);
  if (is_symbol("[")) return index_or_slice();
  link.kind = LinkKind::call;
  link.arguments = arguments();
  return link;
}

Link ExpressionParser::index_or_slice() {
  Link link{.kind = LinkKind::item, .at = take().at};
  const auto at_end = [this] { return is_symbol(":") || is_symbol("]") || is_symbol(","); };
  link.parts.push_back(at_end() ? nullptr : expression());
  if (is_symbol(":")) {
    link.kind = LinkKind::slice;
    for (int i = 0; i < 2 && take_symbol(":"); ++i) {
      link.parts.push_back(at_end() ? nullptr : expression());
    }
    link.parts.resize(3);
  } else if (link.parts[0] == nullptr) {
    fail(link.at, "expected an index");
  } else if (is_symbol(",")) {
    auto indices = make(ExpressionKind::tuple, link.at);
    indices->parts.push_back(std::move(link.parts[0]));
    while (take_symbol(",")) indices->parts.push_back(expression());
    link.parts[0] = std::move(indices);
  }
  expect_symbol("]");
  return link;
}

std::vector<Argument> ExpressionParser::arguments() {
  std::vector<Argument> result;
  expect_symbol("(");
  bool named = false, spread = false;
  std::set<std::string> names;
  while (!take_symbol(")")) {
    if (!result.empty()) expect_symbol(",");
    if (take_symbol(")")) break;
    const Place at = peek().at;
    Argument argument{Argument::Kind::positional, "", nullptr};
    if (take_symbol("*")) {
      argument.kind = Argument::Kind::spread_list;
    } else if (take_symbol("**")) {
      argument.kind = Argument::Kind::spread_dict;
    } else if (peek().kind == TokenKind::name && peek(1).kind == TokenKind::symbol &&
               peek(1).text == "=") {
      argument.kind = Argument::Kind::named;
      argument.name = take().text;
      take();
    }
    const bool is_named = argument.kind == Argument::Kind::named;
    if ((argument.kind == Argument::Kind::positional && (named || spread)) ||
        (argument.kind == Argument::Kind::spread_list && named)) {
      fail(at, "an argument without name after one with a name");
    }
    if (is_named && !names.insert(argument.name).second) {
      fail(at, "the argument '" + utf8::printable(argument.name) + "' is given twice");
    }
    named = named || is_named || argument.kind == Argument::Kind::spread_dict;
    spread = spread || argument.kind == Argument::Kind::spread_list;
    argument.value = expression();
    result.push_back(std::move(argument));
  }
  return result;
}

Link ExpressionParser::filter_link(bool with_pipe) {
  if (with_pipe) take();
  Token name = expect(TokenKind::name, "the name of a filter");
  Link link{.kind = LinkKind::filter, .at = name.at, .name = std::move(name.text)};
  while (take_symbol(".")) link.name += "." + expect(TokenKind::name, "a name").text;
  link.filter = find_filter(link.name);
  if (link.filter == nullptr && !soft_) {
    fail(link.at, "there is no filter '" + utf8::printable(link.name) + "' here");
  }
  const Nested nested(*this);
  if (is_symbol("(")) link.arguments = arguments();
  return link;
}

Link ExpressionParser::test() {
  Link link{.kind = LinkKind::test, .at = take().at};
  link.negated = take_name("not");
  link.name = expect(TokenKind::name, "the name of a test").text;
  while (take_symbol(".")) link.name += "." + expect(TokenKind::name, "a name").text;
  link.test = find_test(link.name);
  if (link.test == nullptr && !soft_) {
    fail(link.at, "there is no test '" + utf8::printable(link.name) + "' here");
  }
  const Nested nested(*this);
  if (is_symbol("(")) {
    link.arguments = arguments();
    return link;
  }
  const TokenKind kind = peek().kind;
  const bool has_argument =
      (kind == TokenKind::name && !is_name("else") && !is_name("or") && !is_name("and")) ||
      kind == TokenKind::string || kind == TokenKind::integer || kind == TokenKind::real ||
      is_symbol("[") || is_symbol("{");
  if (!has_argument) return link;
  if (is_name("is")) fail(peek().at, "tests cannot be chained with is");
  link.arguments.push_back({Argument::Kind::positional, "", postfix(primary())});
  return link;
}

}  // namespace unmask::jinja
