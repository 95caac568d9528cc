#include <algorithm>

#include "base/utf8.h"
#include "text/jinja/parser.h"
#include "text/jinja/parser_base.h"

namespace unmask::jinja {
namespace {

class Parser : public ExpressionParser {
 public:
  using ExpressionParser::ExpressionParser;

  void run() { program_.body = block({}, Place{}); }

 private:
  using Ends = std::initializer_list<std::string_view>;

  bool at_end_tag(Ends ends) const {
    return peek().kind == TokenKind::block_begin &&
           std::any_of(ends.begin(), ends.end(), [&](auto end) { return is_name(end, 1); });
  }

  // Statements up to a tag that ends them, whose name is then the next token. No ends: to the last.
  Block block(Ends ends, Place opened) {
    const Nested nested(*this);
    Block result;
    while (!at_end_tag(ends)) {
      switch (peek().kind) {
        case TokenKind::text:
          result.push_back(text());
          break;
        case TokenKind::output_begin:
          result.push_back(output());
          break;
        case TokenKind::block_begin:
          take();
          result.push_back(statement());
          break;
        default:
          if (ends.size() == 0) return result;
          fail(opened, "a block without {% " + std::string(*(ends.end() - 1)) + " %}");
      }
    }
    take();
    return result;
  }

  // A block whose only end is {% name %}.
  Block closed_block(std::string_view name, Place opened) {
    Block result = block({name}, opened);
    take();
    end_tag();
    return result;
  }

  // The same, where an unknown filter is an error again, and break does not leave a loop around it.
  Block separate_block(std::string_view name, Place opened) {
    const bool soft = std::exchange(soft_, false);
    const int loops = std::exchange(loops_, 0);
    Block result = closed_block(name, opened);
    soft_ = soft;
    loops_ = loops;
    return result;
  }

  void end_tag() { expect(TokenKind::block_end, "the end of the tag"); }

  static Statement make(StatementKind kind, Place at) {
    Statement result{};
    result.kind = kind;
    result.at = at;
    return result;
  }

  Statement text() {
    Token token = take();
    Statement result = make(StatementKind::text, token.at);
    result.value = ExpressionParser::make(ExpressionKind::constant, token.at);
    Text own(std::move(token.text), true);
    result.value->constant = std::make_shared<const String>(String{std::move(own), 0, false, {}});
    return result;
  }

  Statement output() {
    Statement result = make(StatementKind::output, take().at);
    result.value = tuple({});
    expect(TokenKind::output_end, "the end of the tag");
    return result;
  }

  Statement statement() {
    const Token tag = expect(TokenKind::name, "the name of a tag");
    if (tag.text == "for") return loop(tag.at);
    if (tag.text == "if") return branches(tag.at);
    if (tag.text == "set") return set(tag.at);
    if (tag.text == "macro") return macro(tag.at);
    if (tag.text == "call") return call(tag.at);
    if (tag.text == "filter") return filter(tag.at);
    if (tag.text == "with") return with(tag.at);
    if (tag.text == "generation") return generation(tag.at);
    if (tag.text == "print") return print(tag.at);
    if (tag.text == "break" || tag.text == "continue") return jump(tag);
    for (const std::string_view other :
         {"include", "import", "from", "extends", "block", "autoescape"}) {
      if (tag.text == other)
        fail(tag.at, "{% " + tag.text + " %} is not supported in chat templates");
    }
    fail(tag.at, "unknown tag '" + utf8::printable(tag.text) + "'");
  }

  Target target_of(const Expression& expression) {
    Target target{.at = expression.at};
    if (expression.kind == ExpressionKind::name) {
      target.symbol = expression.symbol;
      return target;
    }
    if (expression.kind != ExpressionKind::tuple) fail(expression.at, "this cannot be assigned to");
    target.is_tuple = true;
    for (const auto& part : expression.parts) target.parts.push_back(target_of(*part));
    return target;
  }

  Target target(std::string_view end) {
    const bool is_attribute = peek().kind == TokenKind::name && peek(1).kind == TokenKind::symbol &&
                              peek(1).text == "." && end.empty();
    if (!is_attribute) return target_of(*tuple({.simple = true, .end = end}));
    Token name = take();
    Target target{.at = name.at, .symbol = symbol(name.text)};
    take();
    target.attribute = expect(TokenKind::name, "a name").text;
    return target;
  }

  Statement loop(Place at) {
    Statement result = make(StatementKind::loop, at);
    result.target = target("in");
    expect_name("in");
    result.value = tuple({.conditional = false, .end = "recursive"});
    if (take_name("if")) result.test = expression();
    result.recursive = take_name("recursive");
    end_tag();
    const bool soft = std::exchange(soft_, false);
    const int reads = reads_["loop"];
    ++loops_;
    result.body = block({"else", "endfor"}, at);
    --loops_;
    result.uses_loop = result.recursive || reads_["loop"] != reads;
    const bool has_else = take_name("else");
    if (has_else) {
      end_tag();
      result.otherwise = block({"endfor"}, at);
    }
    expect_name("endfor");
    end_tag();
    soft_ = soft;
    return result;
  }

  Statement branches(Place at) {
    Statement result = make(StatementKind::branches, at);
    const bool outer = std::exchange(soft_, true);
    bool is_else = false;
    while (true) {
      Branch branch;
      if (!is_else) branch.condition = tuple({.conditional = false});
      end_tag();
      branch.body = is_else ? block({"endif"}, at) : block({"elif", "else", "endif"}, at);
      result.branches.push_back(std::move(branch));
      const Token next = take();
      if (next.text == "endif") break;
      is_else = next.text == "else";
    }
    end_tag();
    soft_ = outer;
    return result;
  }

  Statement set(Place at) {
    Statement result = make(StatementKind::assign, at);
    result.target = target("");
    if (take_symbol("=")) {
      result.value = tuple({});
      end_tag();
      return result;
    }
    result.kind = StatementKind::capture;
    if (is_symbol("|")) result.value = filters(true);
    end_tag();
    const bool soft = std::exchange(soft_, false);
    result.body = closed_block("endset", at);
    soft_ = soft;
    return result;
  }

  // upper|trim: links on nothing. The first of `{% set x | upper %}` has a bar before it.
  ExpressionPointer filters(bool bar_first) {
    ExpressionPointer result = ExpressionParser::make(ExpressionKind::chain, peek().at);
    result->links.push_back(filter_link(bar_first));
    while (is_symbol("|")) result->links.push_back(filter_link(true));
    return result;
  }

  // (a, b=1): what a macro or a call block takes.
  std::vector<Parameter> parameters() {
    std::vector<Parameter> result;
    expect_symbol("(");
    while (!take_symbol(")")) {
      if (!result.empty()) expect_symbol(",");
      const Token name = expect(TokenKind::name, "the name of a parameter");
      Parameter parameter{symbol(name.text), name.text, nullptr};
      if (take_symbol("=")) {
        parameter.fallback = expression();
      } else if (!result.empty() && result.back().fallback) {
        fail(name.at, "a parameter without default after one with a default");
      }
      result.push_back(std::move(parameter));
    }
    return result;
  }

  std::unique_ptr<MacroCode> macro_code(std::string name, std::vector<Parameter> parameters,
                                        std::string_view end, Place at) {
    auto code = std::make_unique<MacroCode>();
    code->name = std::move(name);
    code->parameters = std::move(parameters);
    const int caller = reads_["caller"], varargs = reads_["varargs"], kwargs = reads_["kwargs"];
    code->body = separate_block(end, at);
    code->uses_caller = reads_["caller"] != caller;
    code->uses_varargs = reads_["varargs"] != varargs;
    code->uses_kwargs = reads_["kwargs"] != kwargs;
    return code;
  }

  Statement macro(Place at) {
    Statement result = make(StatementKind::macro, at);
    const Token name = expect(TokenKind::name, "the macro's name");
    result.symbol = symbol(name.text);
    auto taken = parameters();
    end_tag();
    result.macro = macro_code(name.text, std::move(taken), "endmacro", at);
    return result;
  }

  Statement call(Place at) {
    Statement result = make(StatementKind::call, at);
    std::vector<Parameter> taken;
    if (is_symbol("(")) taken = parameters();
    result.value = expression();
    if (result.value->kind != ExpressionKind::chain ||
        result.value->links.back().kind != LinkKind::call) {
      fail(result.value->at, "expected a call");
    }
    end_tag();
    result.macro = macro_code("caller", std::move(taken), "endcall", at);
    return result;
  }

  Statement filter(Place at) {
    Statement result = make(StatementKind::filter, at);
    result.value = filters(false);
    end_tag();
    result.body = closed_block("endfilter", at);
    return result;
  }

  Statement with(Place at) {
    Statement result = make(StatementKind::scope, at);
    while (peek().kind != TokenKind::block_end) {
      if (!result.variables.empty()) expect_symbol(",");
      const Place place = peek().at;
      Target variable = target_of(*primary());
      if (!take_symbol("=")) fail(place, "expected a variable and its value");
      result.variables.emplace_back(std::move(variable), expression());
    }
    end_tag();
    result.body = closed_block("endwith", at);
    return result;
  }

  Statement generation(Place at) {
    Statement result = make(StatementKind::scope, at);
    end_tag();
    result.body = separate_block("endgeneration", at);
    return result;
  }

  Statement print(Place at) {
    Statement result = make(StatementKind::output, at);
    result.value = tuple({});
    end_tag();
    return result;
  }

  Statement jump(const Token& tag) {
    if (loops_ == 0) fail(tag.at, "'" + tag.text + "' outside of a loop");
    end_tag();
    return make(tag.text == "break" ? StatementKind::leave_loop : StatementKind::next_round,
                tag.at);
  }

  int loops_ = 0;
};

}  // namespace

std::unique_ptr<Program> parse(std::string_view text, const std::string& name,
                               const Limits& limits) {
  auto program = std::make_unique<Program>();
  program->name = name;
  if (text.size() > limits.template_bytes) {
    throw Error(ErrorCode::checkpoint, name + ": a chat template of " +
                                           std::to_string(text.size()) + " bytes, at most " +
                                           std::to_string(limits.template_bytes) + " are read");
  }
  if (const auto invalid = utf8::first_invalid(text)) {
    throw Error(ErrorCode::checkpoint,
                name + ": not valid UTF-8 at byte " + std::to_string(*invalid));
  }
  Parser(tokenize(text, name), *program, limits).run();
  return program;
}

}  // namespace unmask::jinja
