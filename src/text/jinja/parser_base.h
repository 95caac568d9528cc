// Inside of the parser: the tokens, and what expressions and statements share.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "text/jinja/ast.h"

namespace unmask::jinja {

class ExpressionParser {
 public:
  ExpressionParser(std::vector<Token> tokens, Program& program, const Limits& limits)
      : program_(program), tokens_(std::move(tokens)), limits_(limits) {}

 protected:
  // One more level of brackets or blocks while this lives.
  class Nested {
   public:
    explicit Nested(ExpressionParser& parser);
    ~Nested() { --parser_.nesting_; }
    Nested(const Nested&) = delete;

   private:
    ExpressionParser& parser_;
  };

  const Token& peek(std::size_t ahead = 0) const;
  Token take() { return std::move(tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]); }
  bool is_symbol(std::string_view text) const;
  bool is_name(std::string_view text, std::size_t ahead = 0) const;
  bool take_symbol(std::string_view text);
  bool take_name(std::string_view text);
  void expect_symbol(std::string_view text);
  void expect_name(std::string_view text);
  Token expect(TokenKind kind, const char* what);
  [[noreturn]] void fail(Place at, const std::string& problem) const;
  std::string describe(const Token& token) const;

  Symbol symbol(const std::string& name);

  ExpressionPointer expression();
  ExpressionPointer any_of();  // an expression that is no inline if
  ExpressionPointer primary();
  ExpressionPointer postfix(ExpressionPointer base);

  struct TupleRules {
    bool simple = false;       // of names alone, as targets are
    bool conditional = true;   // inline ifs are allowed
    bool parentheses = false;  // stands in parentheses: may be empty
    std::string_view end{};    // a name that ends it
  };
  ExpressionPointer tuple(const TupleRules& rules);

  std::vector<Argument> arguments();
  Link filter_link(bool with_pipe);
  void add_link(ExpressionPointer& base, Link link);

  static ExpressionPointer make(ExpressionKind kind, Place at);

  bool soft_ =
      false;  // within an if: an unknown filter or test is an error only when it is reached
  Program& program_;

  // Names that were read, for whether a macro uses `caller` and a loop `loop`: counted.
  std::map<std::string, int, std::less<>> reads_;

 private:
  ExpressionPointer all_of();
  ExpressionPointer negation();
  ExpressionPointer comparison();
  ExpressionPointer sum();
  ExpressionPointer text();
  ExpressionPointer product();
  ExpressionPointer power();
  ExpressionPointer unary(bool with_filters);
  ExpressionPointer number(const Token& token);
  ExpressionPointer list();
  ExpressionPointer dict();
  Link subscript();
  Link index_or_slice();
  Link test();
  bool take_comparison(Operator& op);
  ExpressionPointer operators(ExpressionPointer (ExpressionParser::*operand)(),
                              std::initializer_list<std::pair<std::string_view, Operator>> symbols);
  bool at_tuple_end(std::string_view end) const;

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  Limits limits_;
  int nesting_ = 0;
  std::map<std::string, Symbol, std::less<>> symbols_;
};

}  // namespace unmask::jinja
