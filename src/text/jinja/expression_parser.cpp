#include <charconv>
#include <cstdlib>

#include "base/utf8.h"
#include "text/jinja/parser_base.h"

namespace unmask::jinja {

// a if b else c
ExpressionPointer ExpressionParser::expression() {
  ExpressionPointer value = any_of();
  if (!is_name("if")) return value;
  const Nested nested(*this);
  const bool outer = std::exchange(soft_, true);
  while (is_name("if")) {
    auto conditional = make(ExpressionKind::conditional, take().at);
    conditional->parts.push_back(any_of());
    conditional->parts.push_back(std::move(value));
    conditional->parts.push_back(take_name("else") ? expression() : nullptr);
    value = std::move(conditional);
  }
  soft_ = outer;
  return value;
}

ExpressionPointer ExpressionParser::any_of() {
  ExpressionPointer first = all_of();
  if (!is_name("or")) return first;
  auto result = make(ExpressionKind::any_of, first->at);
  result->parts.push_back(std::move(first));
  while (take_name("or")) result->parts.push_back(all_of());
  return result;
}

ExpressionPointer ExpressionParser::all_of() {
  ExpressionPointer first = negation();
  if (!is_name("and")) return first;
  auto result = make(ExpressionKind::all_of, first->at);
  result->parts.push_back(std::move(first));
  while (take_name("and")) result->parts.push_back(negation());
  return result;
}

ExpressionPointer ExpressionParser::negation() {
  if (!is_name("not")) return comparison();
  const Nested nested(*this);
  auto result = make(ExpressionKind::negation, take().at);
  result->parts.push_back(negation());
  return result;
}

bool ExpressionParser::take_comparison(Operator& op) {
  static const std::pair<std::string_view, Operator> kSymbols[] = {
      {"==", Operator::equal},      {"!=", Operator::not_equal}, {"<", Operator::less},
      {"<=", Operator::less_equal}, {">", Operator::greater},    {">=", Operator::greater_equal},
  };
  for (const auto& [text, meaning] : kSymbols) {
    if (!take_symbol(text)) continue;
    op = meaning;
    return true;
  }
  if (take_name("in")) {
    op = Operator::in;
    return true;
  }
  if (!is_name("not") || !is_name("in", 1)) return false;
  take();
  take();
  op = Operator::not_in;
  return true;
}

ExpressionPointer ExpressionParser::comparison() {
  ExpressionPointer first = sum();
  Operator op{};
  if (!take_comparison(op)) return first;
  auto result = make(ExpressionKind::comparison, first->at);
  result->parts.push_back(std::move(first));
  do {
    result->operators.push_back(op);
    result->parts.push_back(sum());
  } while (take_comparison(op));
  return result;
}

ExpressionPointer ExpressionParser::operators(
    ExpressionPointer (ExpressionParser::*operand)(),
    std::initializer_list<std::pair<std::string_view, Operator>> symbols) {
  ExpressionPointer first = (this->*operand)();
  ExpressionPointer result;
  const auto take_one = [&] {
    for (const auto& [text, op] : symbols) {
      if (!take_symbol(text)) continue;
      if (!result) {
        result = make(ExpressionKind::arithmetic, first->at);
        result->parts.push_back(std::move(first));
      }
      result->operators.push_back(op);
      return true;
    }
    return false;
  };
  while (take_one()) result->parts.push_back((this->*operand)());
  return result ? std::move(result) : std::move(first);
}

ExpressionPointer ExpressionParser::sum() {
  return operators(&ExpressionParser::text, {{"+", Operator::add}, {"-", Operator::subtract}});
}

ExpressionPointer ExpressionParser::text() {
  ExpressionPointer first = product();
  if (!is_symbol("~")) return first;
  auto result = make(ExpressionKind::text, first->at);
  result->parts.push_back(std::move(first));
  while (take_symbol("~")) result->parts.push_back(product());
  return result;
}

ExpressionPointer ExpressionParser::product() {
  return operators(&ExpressionParser::power, {{"*", Operator::multiply},
                                              {"//", Operator::floor_divide},
                                              {"/", Operator::divide},
                                              {"%", Operator::modulo}});
}

ExpressionPointer ExpressionParser::power() {
  ExpressionPointer first = unary(true);
  if (!is_symbol("**")) return first;
  auto result = make(ExpressionKind::arithmetic, first->at);
  result->parts.push_back(std::move(first));
  while (take_symbol("**")) {
    result->operators.push_back(Operator::power);
    result->parts.push_back(unary(true));
  }
  return result;
}

ExpressionPointer ExpressionParser::unary(bool with_filters) {
  ExpressionPointer value;
  if (is_symbol("-") || is_symbol("+")) {
    const Nested nested(*this);
    const bool negative = is_symbol("-");
    value = make(negative ? ExpressionKind::negative : ExpressionKind::positive, take().at);
    value->parts.push_back(unary(false));
  } else {
    value = primary();
  }
  value = postfix(std::move(value));
  while (with_filters) {
    if (is_symbol("|")) {
      add_link(value, filter_link(true));
    } else if (is_name("is")) {
      add_link(value, test());
    } else if (is_symbol("(")) {
      add_link(value, subscript());
    } else {
      break;
    }
  }
  return value;
}

ExpressionPointer ExpressionParser::number(const Token& token) {
  auto result = make(ExpressionKind::constant, token.at);
  if (token.kind == TokenKind::real) {
    result->constant = std::strtod(token.text.c_str(), nullptr);
    return result;
  }
  int base = 10;
  std::string_view digits = token.text;
  if (digits.size() > 2 && digits[0] == '0') {
    const char mark = static_cast<char>(digits[1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
    if (base != 10) digits.remove_prefix(2);
  }
  std::int64_t value = 0;
  const auto [end, problem] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (problem != std::errc{} || end != digits.data() + digits.size()) {
    fail(token.at, "the integer " + utf8::printable(token.text) + " is beyond 64 bits");
  }
  result->constant = value;
  return result;
}

ExpressionPointer ExpressionParser::primary() {
  const Place at = peek().at;
  const auto constant = [&](Value value) {
    auto result = make(ExpressionKind::constant, at);
    result->constant = std::move(value);
    return result;
  };
  switch (peek().kind) {
    case TokenKind::name: {
      const Token token = take();
      if (token.text == "true" || token.text == "True") return constant(true);
      if (token.text == "false" || token.text == "False") return constant(false);
      if (token.text == "none" || token.text == "None") return constant(None{});
      auto result = make(ExpressionKind::name, at);
      result->symbol = symbol(token.text);
      ++reads_[token.text];
      return result;
    }
    case TokenKind::string: {
      std::string text = take().text;
      while (peek().kind == TokenKind::string) text += take().text;
      const std::size_t length = code_points(text);
      return constant(
          std::make_shared<const String>(String{Text(std::move(text), true), length, false, {}}));
    }
    case TokenKind::integer:
    case TokenKind::real:
      return number(take());
    default:
      break;
  }
  const Nested nested(*this);
  if (take_symbol("(")) {
    ExpressionPointer result = tuple({.parentheses = true});
    expect_symbol(")");
    return result;
  }
  if (is_symbol("[")) return list();
  if (is_symbol("{")) return dict();
  fail(at, "expected an expression, found " + describe(peek()));
}

ExpressionPointer ExpressionParser::list() {
  auto result = make(ExpressionKind::list, take().at);
  while (!take_symbol("]")) {
    if (!result->parts.empty()) expect_symbol(",");
    if (take_symbol("]")) break;
    result->parts.push_back(expression());
  }
  return result;
}

ExpressionPointer ExpressionParser::dict() {
  auto result = make(ExpressionKind::dict, take().at);
  while (!take_symbol("}")) {
    if (!result->parts.empty()) expect_symbol(",");
    if (take_symbol("}")) break;
    result->parts.push_back(expression());
    expect_symbol(":");
    result->parts.push_back(expression());
  }
  return result;
}

bool ExpressionParser::at_tuple_end(std::string_view end) const {
  const TokenKind kind = peek().kind;
  return kind == TokenKind::output_end || kind == TokenKind::block_end || is_symbol(")") ||
         (!end.empty() && is_name(end));
}

ExpressionPointer ExpressionParser::tuple(const TupleRules& rules) {
  const Place at = peek().at;
  std::vector<ExpressionPointer> parts;
  bool is_tuple = false;
  while (true) {
    if (!parts.empty()) expect_symbol(",");
    if (at_tuple_end(rules.end)) break;
    parts.push_back(rules.simple ? primary() : rules.conditional ? expression() : any_of());
    if (!is_symbol(",")) break;
    is_tuple = true;
  }
  if (!is_tuple) {
    if (!parts.empty()) return std::move(parts.front());
    if (!rules.parentheses) fail(at, "expected an expression, found " + describe(peek()));
  }
  auto result = make(ExpressionKind::tuple, at);
  result->parts = std::move(parts);
  return result;
}

}  // namespace unmask::jinja
