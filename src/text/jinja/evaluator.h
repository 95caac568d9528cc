// Runs a Program.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/jinja/ast.h"
#include "text/jinja/interpreter.h"

namespace unmask::jinja {

/// Where variables stand. The outermost one has a place for every symbol and is kept apart.
struct Scope {
  Scope* parent = nullptr;
  std::vector<std::pair<Symbol, Value>> variables;
  bool kept = false;  // a macro was defined within: it may be called after this is over
};

/// What one variable of a Scope takes.
inline constexpr std::uint64_t kVariableBytes = 2 * sizeof(std::pair<Symbol, Value>);

class Evaluator : public Interpreter {
 public:
  /// `now`: seconds since 1970 of local time. `program` must outlive this.
  Evaluator(const Program& program, const Limits& limits, std::int64_t now);
  ~Evaluator() override;

  std::int64_t now() const override { return now_; }

  /// Gives the template a variable, if it knows one of that name.
  void set(std::string_view name, const Value& value);

  /// What the template writes. Error{usage} with the message of raise_exception, Error{checkpoint}
  /// naming line and column for everything else that goes wrong.
  Text run();

 private:
  friend class Loop;
  friend class Macro;
  enum class Flow { onward, leave_loop, next_round };
  class Deeper;
  class InScope;

  Value evaluate(const Expression& expression);
  Value both(const Expression& expression);
  Value either(const Expression& expression);
  Value comparison(const Expression& expression);
  Value arithmetic_chain(const Expression& expression);
  Value joined(const Expression& expression);
  Value conditional(const Expression& expression);
  Value dict(const Expression& expression);
  Values all(const std::vector<ExpressionPointer>& parts);
  Value linked(Value value, const std::vector<Link>& links, Object* caller = nullptr);
  Value follow(const Value& value, const Link& link, Object* caller);
  Arguments arguments_of(const std::vector<Argument>& arguments);

  Flow run(const Block& block);
  Flow run(const Statement& statement);
  Flow run_branches(const Statement& statement);
  Flow run_loop(const Statement& statement);
  Flow run_scope(const Statement& statement);
  bool run_rounds(const Statement& statement, const Value& iterable, int depth);
  Value captured(const Block& body);
  Value call_macro(const MacroCode& code, Scope* scope, Arguments& arguments);
  void bind(const MacroCode& code, Arguments& arguments);
  Object* macro(const MacroCode& code);
  void emit(const Text& text);

  const Value* find_variable(Symbol symbol);
  void assign(Symbol symbol, Value value);
  void assign(const Target& target, Value value);
  Scope* enter(Scope* parent);
  void leave(Scope* scope);

  const Program& program_;
  std::int64_t now_;
  Place at_;  // what is being evaluated, for messages
  int depth_ = 0, calls_ = 0;
  Text* output_ = nullptr;
  Scope* scope_ = nullptr;  // nullptr: the outermost
  std::vector<std::unique_ptr<Value>> globals_;
  std::vector<std::unique_ptr<Scope>> scopes_;
  std::vector<Scope*> free_;
  Symbol loop_ = -1, caller_ = -1, varargs_ = -1, kwargs_ = -1;
};

}  // namespace unmask::jinja
