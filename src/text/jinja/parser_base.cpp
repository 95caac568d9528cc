#include "text/jinja/parser_base.h"

#include <algorithm>

#include "base/utf8.h"

namespace unmask::jinja {

ExpressionParser::Nested::Nested(ExpressionParser& parser) : parser_(parser) {
  if (++parser_.nesting_ > parser_.limits_.nesting) {
    parser_.fail(parser_.peek().at,
                 "nested deeper than " + std::to_string(parser_.limits_.nesting) + " levels");
  }
}

const Token& ExpressionParser::peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

bool ExpressionParser::is_symbol(std::string_view text) const {
  return peek().kind == TokenKind::symbol && peek().text == text;
}

bool ExpressionParser::is_name(std::string_view text, std::size_t ahead) const {
  return peek(ahead).kind == TokenKind::name && peek(ahead).text == text;
}

bool ExpressionParser::take_symbol(std::string_view text) {
  if (!is_symbol(text)) return false;
  take();
  return true;
}

bool ExpressionParser::take_name(std::string_view text) {
  if (!is_name(text)) return false;
  take();
  return true;
}

void ExpressionParser::expect_symbol(std::string_view text) {
  if (!take_symbol(text)) {
    fail(peek().at, "expected '" + std::string(text) + "', found " + describe(peek()));
  }
}

void ExpressionParser::expect_name(std::string_view text) {
  if (!take_name(text)) {
    fail(peek().at, "expected '" + std::string(text) + "', found " + describe(peek()));
  }
}

Token ExpressionParser::expect(TokenKind kind, const char* what) {
  if (peek().kind != kind) {
    fail(peek().at, "expected " + std::string(what) + ", found " + describe(peek()));
  }
  return take();
}

void ExpressionParser::fail(Place at, const std::string& problem) const {
  fail_at(program_.name, at, problem);
}

std::string ExpressionParser::describe(const Token& token) const {
  switch (token.kind) {
    case TokenKind::end:
      return "the end of the template";
    case TokenKind::text:
      return "text";
    case TokenKind::string:
      return "a string";
    default:
      return "'" + utf8::printable(token.text) + "'";
  }
}

Symbol ExpressionParser::symbol(const std::string& name) {
  const auto [place, added] = symbols_.emplace(name, static_cast<Symbol>(program_.names.size()));
  if (added) program_.names.push_back(name);
  return place->second;
}

ExpressionPointer ExpressionParser::make(ExpressionKind kind, Place at) {
  auto result = std::make_unique<Expression>();
  result->kind = kind;
  result->at = at;
  return result;
}

}  // namespace unmask::jinja
