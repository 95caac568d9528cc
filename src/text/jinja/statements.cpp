// The statements: how the Evaluator runs blocks, loops and macros.
#include <algorithm>
#include <deque>

#include "text/jinja/evaluator.h"
#include "text/jinja/operators.h"
#include "text/jinja/python_text.h"

namespace unmask::jinja {

// Variables of their own while this lives.
class Evaluator::InScope {
 public:
  InScope(Evaluator& evaluator, Scope* parent)
      : evaluator_(evaluator), outer_(evaluator.scope_), scope_(evaluator.enter(parent)) {
    evaluator_.scope_ = scope_;
  }
  ~InScope() {
    evaluator_.scope_ = outer_;
    evaluator_.leave(scope_);
  }
  InScope(const InScope&) = delete;

 private:
  Evaluator& evaluator_;
  Scope* outer_;
  Scope* scope_;
};

Scope* Evaluator::enter(Scope* parent) {
  if (free_.empty()) {
    heap().budget().take(sizeof(Scope) + 64);
    scopes_.push_back(std::make_unique<Scope>());
    free_.push_back(scopes_.back().get());
  }
  Scope* const scope = free_.back();
  free_.pop_back();
  scope->parent = parent;
  return scope;
}

void Evaluator::leave(Scope* scope) {
  if (scope->kept) return;
  heap().budget().give_back(scope->variables.size() * kVariableBytes);
  scope->variables.clear();
  free_.push_back(scope);
}

// The items of a loop that pass its test, which is asked as late as possible: the body may change
// what it depends on.
class Loop : public Object {
 public:
  Loop(Evaluator& evaluator, const Statement& statement, std::shared_ptr<const List> items,
       int depth)
      : evaluator_(evaluator),
        statement_(statement),
        items_(std::move(items)),
        scope_(evaluator.scope_),
        depth_(depth) {}

  /// The next item becomes the current one; false where there is none.
  bool advance() {
    if (!peek()) return false;
    previous_ = std::move(current_);
    current_ = std::move(ahead_.front());
    ahead_.pop_front();
    ++index_;
    return true;
  }

  const Value& current() const { return *current_; }

  std::string description(Interpreter&) const override { return "<loop>"; }
  bool is_callable() const override { return statement_.recursive; }

  // loop(items): the same loop over other items, one level deeper.
  Value call(Interpreter&, Arguments& arguments) override {
    if (!statement_.recursive) throw Failure("only a recursive loop can be called");
    const Bound given("loop", arguments, {"iterable"}, 1);
    Text text;
    Text* const outer = std::exchange(evaluator_.output_, &text);
    Scope* const scope = std::exchange(evaluator_.scope_, scope_);
    if (++evaluator_.calls_ > evaluator_.heap().budget().limits().calls) {
      throw LimitReached("loops call themselves too deeply");
    }
    evaluator_.run_rounds(statement_, given[0], depth_ + 1);
    --evaluator_.calls_;
    evaluator_.scope_ = scope;
    evaluator_.output_ = outer;
    evaluator_.heap().budget().give_back(text.size());
    return evaluator_.heap().string(std::move(text));
  }

  std::optional<Value> attribute(Interpreter& in, std::string_view name) override;

  void forget() override {
    items_.reset();
    previous_ = current_ = last_ = std::nullopt;
    ahead_.clear();
  }

 private:
  class Method;

  // Whether another item comes.
  bool peek() { return !ahead_.empty() || pull(); }

  bool pull() {
    while (items_ && next_ < items_->items.size()) {
      const Value& item = items_->items[next_++];
      evaluator_.heap().work();
      if (statement_.test && !passes(item)) continue;
      ahead_.push_back(item);
      return true;
    }
    return false;
  }

  bool passes(const Value& item) {
    const Evaluator::InScope scope(evaluator_, scope_);
    evaluator_.assign(statement_.target, item);
    return is_true(evaluator_.evaluate(*statement_.test));
  }

  std::int64_t length() {
    while (pull()) evaluator_.heap().room(ahead_.size() * sizeof(Value));
    return index_ + static_cast<std::int64_t>(ahead_.size());
  }

  Value cycle(Arguments& arguments) {
    if (arguments.positional.empty()) throw Failure("loop.cycle needs values to cycle through");
    const auto size = static_cast<std::int64_t>(arguments.positional.size());
    return arguments.positional[static_cast<std::size_t>((index_ - 1) % size)];
  }

  Value changed(Interpreter& in, Arguments& arguments) {
    const Value values = in.heap().tuple(arguments.positional);
    if (last_ && equal(in.heap(), *last_, values)) return false;
    last_ = values;
    return true;
  }

  Evaluator& evaluator_;
  const Statement& statement_;
  std::shared_ptr<const List> items_;
  Scope* scope_;  // around the loop
  int depth_;
  std::size_t next_ = 0;
  std::int64_t index_ = 0;  // of the current item, from 1
  std::deque<Value> ahead_;
  std::optional<Value> previous_, current_, last_;
};

// loop.cycle and loop.changed
class Loop::Method : public Object {
 public:
  Method(Loop& loop, bool cycles) : loop_(loop), cycles_(cycles) {}
  std::string description(Interpreter&) const override { return "<method of loop>"; }
  bool is_callable() const override { return true; }
  Value call(Interpreter& in, Arguments& arguments) override {
    return cycles_ ? loop_.cycle(arguments) : loop_.changed(in, arguments);
  }

 private:
  Loop& loop_;
  bool cycles_;
};

std::optional<Value> Loop::attribute(Interpreter& in, std::string_view name) {
  if (name == "index") return index_;
  if (name == "index0") return index_ - 1;
  if (name == "first") return index_ == 1;
  if (name == "last") return !peek();
  if (name == "length") return length();
  if (name == "revindex") return length() - index_ + 1;
  if (name == "revindex0") return length() - index_;
  if (name == "depth") return std::int64_t{depth_} + 1;
  if (name == "depth0") return std::int64_t{depth_};
  if (name == "previtem") return previous_ ? *previous_ : undefined("there is no previous item");
  if (name == "nextitem") return peek() ? ahead_.front() : undefined("there is no next item");
  if (name == "cycle" || name == "changed") return in.heap().keep<Method>(*this, name == "cycle");
  return std::nullopt;
}

// A macro, or the caller of a call block.
class Macro : public Object {
 public:
  Macro(Evaluator& evaluator, const MacroCode& code, Scope* scope)
      : evaluator_(evaluator), code_(code), scope_(scope) {}
  std::string description(Interpreter&) const override { return "<Macro '" + code_.name + "'>"; }
  bool is_callable() const override { return true; }
  Value call(Interpreter&, Arguments& arguments) override {
    return evaluator_.call_macro(code_, scope_, arguments);
  }
  std::optional<Value> attribute(Interpreter& in, std::string_view name) override {
    if (name == "name") return in.heap().own(code_.name);
    return std::nullopt;
  }

 private:
  Evaluator& evaluator_;
  const MacroCode& code_;
  Scope* scope_;  // where it was defined
};

Object* Evaluator::macro(const MacroCode& code) {
  for (Scope* scope = scope_; scope != nullptr; scope = scope->parent) scope->kept = true;
  return heap().keep<Macro>(*this, code, scope_);
}

Evaluator::Flow Evaluator::run(const Block& block) {
  if (++depth_ > heap().budget().limits().depth) throw LimitReached("blocks are nested too deeply");
  Flow flow = Flow::onward;
  for (const Statement& statement : block) {
    heap().work();
    flow = run(statement);
    if (flow != Flow::onward) break;
  }
  --depth_;
  return flow;
}

Evaluator::Flow Evaluator::run(const Statement& statement) {
  at_ = statement.at;
  switch (statement.kind) {
    case StatementKind::text:
      emit(as_string(statement.value->constant)->text);
      break;
    case StatementKind::output: {
      const Value value = evaluate(*statement.value);
      if (const String* text = as_string(value)) {
        emit(text->text);
      } else {
        emit(to_text(*this, value));
      }
      break;
    }
    case StatementKind::branches:
      return run_branches(statement);
    case StatementKind::loop:
      return run_loop(statement);
    case StatementKind::assign:
      assign(statement.target, evaluate(*statement.value));
      break;
    case StatementKind::capture: {
      Value value = captured(statement.body);
      if (statement.value) value = linked(std::move(value), statement.value->links);
      assign(statement.target, std::move(value));
      break;
    }
    case StatementKind::macro:
      assign(statement.symbol, macro(*statement.macro));
      break;
    case StatementKind::call: {
      const Expression& chain = *statement.value;
      Object* const caller = macro(*statement.macro);
      emit(to_text(*this, linked(evaluate(*chain.parts[0]), chain.links, caller)));
      break;
    }
    case StatementKind::filter: {
      const Value value = linked(captured(statement.body), statement.value->links);
      if (!as_string(value))
        throw Failure("a filter block gives '" + type_name(value) + "', no string");
      emit(as_string(value)->text);
      break;
    }
    case StatementKind::scope:
      return run_scope(statement);
    case StatementKind::leave_loop:
      return Flow::leave_loop;
    case StatementKind::next_round:
      return Flow::next_round;
  }
  return Flow::onward;
}

Evaluator::Flow Evaluator::run_branches(const Statement& statement) {
  for (const Branch& branch : statement.branches) {
    if (!branch.condition || is_true(evaluate(*branch.condition))) return run(branch.body);
    heap().work();
  }
  return Flow::onward;
}

Evaluator::Flow Evaluator::run_loop(const Statement& statement) {
  const Value iterable = evaluate(*statement.value);
  at_ = statement.at;
  if (run_rounds(statement, iterable, 0)) return Flow::onward;
  const InScope scope(*this, scope_);
  return run(statement.otherwise);
}

// Whether there was any round.
bool Evaluator::run_rounds(const Statement& statement, const Value& iterable, int depth) {
  const auto items = items_of(heap(), iterable);
  std::optional<Loop> own;
  Loop* loop = nullptr;
  if (statement.uses_loop) {
    loop = heap().keep<Loop>(*this, statement, items, depth);
  } else {
    loop = &own.emplace(*this, statement, items, depth);
  }
  bool any = false;
  while (loop->advance()) {
    any = true;
    const InScope scope(*this, scope_);
    if (statement.uses_loop) assign(loop_, loop);
    assign(statement.target, loop->current());
    if (run(statement.body) == Flow::leave_loop) break;
  }
  loop->forget();
  return any;
}

Evaluator::Flow Evaluator::run_scope(const Statement& statement) {
  Values values;
  for (const auto& [target, value] : statement.variables) values.push_back(evaluate(*value));
  const InScope scope(*this, scope_);
  for (std::size_t i = 0; i < values.size(); ++i)
    assign(statement.variables[i].first, std::move(values[i]));
  return run(statement.body);
}

Value Evaluator::captured(const Block& body) {
  const InScope scope(*this, scope_);
  Text text;
  Text* const outer = std::exchange(output_, &text);
  run(body);
  output_ = outer;
  heap().budget().give_back(text.size());
  return heap().string(std::move(text));
}

Value Evaluator::call_macro(const MacroCode& code, Scope* scope, Arguments& arguments) {
  if (++calls_ > heap().budget().limits().calls)
    throw LimitReached("macros call each other too deeply");
  const Place called = at_;
  Text text;
  Text* const outer = std::exchange(output_, &text);
  {
    const InScope own(*this, scope);
    bind(code, arguments);
    run(code.body);
  }
  output_ = outer;
  at_ = called;
  --calls_;
  heap().budget().give_back(text.size());
  return heap().string(std::move(text));
}

void Evaluator::bind(const MacroCode& code, Arguments& arguments) {
  const std::size_t count = code.parameters.size();
  std::vector<bool> given(count);
  Values more;
  for (std::size_t i = 0; i < arguments.positional.size(); ++i) {
    if (i >= count) {
      more.push_back(std::move(arguments.positional[i]));
      continue;
    }
    assign(code.parameters[i].symbol, std::move(arguments.positional[i]));
    given[i] = true;
  }
  if (!more.empty() && !code.uses_varargs) {
    throw Failure("macro '" + code.name + "' takes at most " + std::to_string(count) +
                  " arguments");
  }
  std::vector<std::pair<Value, Value>> named;
  bool has_caller = false;
  for (auto& [name, value] : arguments.named) {
    const auto found =
        std::find_if(code.parameters.begin(), code.parameters.end(),
                     [&](const Parameter& parameter) { return parameter.name == name; });
    if (found != code.parameters.end()) {
      const auto which = static_cast<std::size_t>(found - code.parameters.begin());
      if (given[which]) throw Failure("macro '" + code.name + "' is given '" + name + "' twice");
      assign(found->symbol, std::move(value));
      given[which] = true;
    } else if (name == "caller" && code.uses_caller) {
      assign(caller_, std::move(value));
      has_caller = true;
    } else if (code.uses_kwargs) {
      named.emplace_back(heap().own(name), std::move(value));
    } else {
      throw Failure("macro '" + code.name + "' has no argument '" + name.substr(0, 80) + "'");
    }
  }
  if (code.uses_caller && !has_caller) assign(caller_, undefined("there is no caller"));
  if (code.uses_varargs) assign(varargs_, heap().tuple(std::move(more)));
  if (code.uses_kwargs) assign(kwargs_, heap().dict(std::move(named)));
  for (std::size_t i = 0; i < count; ++i) {
    if (given[i]) continue;
    const Parameter& parameter = code.parameters[i];
    assign(parameter.symbol, parameter.fallback
                                 ? evaluate(*parameter.fallback)
                                 : undefined("the argument '" + parameter.name + "' is missing"));
  }
}

void Evaluator::emit(const Text& text) {
  heap().work(text.size() / 64);
  heap().budget().take(text.size());
  output_->append(text);
}

}  // namespace unmask::jinja
