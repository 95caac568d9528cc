#include "text/jinja/evaluator.h"

#include <algorithm>

#include "base/utf8.h"
#include "text/jinja/filters.h"
#include "text/jinja/functions.h"
#include "text/jinja/operators.h"
#include "text/jinja/python_text.h"
#include "text/jinja/strings.h"

namespace unmask::jinja {

// One more evaluation within others while this lives.
class Evaluator::Deeper {
 public:
  explicit Deeper(Evaluator& evaluator) : evaluator_(evaluator) {
    evaluator.heap().work();
    if (++evaluator.depth_ > evaluator.heap().budget().limits().depth) {
      throw LimitReached("evaluations are nested too deeply");
    }
  }
  ~Deeper() { --evaluator_.depth_; }
  Deeper(const Deeper&) = delete;

 private:
  Evaluator& evaluator_;
};

Evaluator::Evaluator(const Program& program, const Limits& limits, std::int64_t now)
    : Interpreter(limits), program_(program), now_(now), globals_(program.names.size()) {
  const auto symbol = [&](std::string_view name) {
    const auto found = std::find(program.names.begin(), program.names.end(), name);
    return found == program.names.end() ? -1 : static_cast<Symbol>(found - program.names.begin());
  };
  loop_ = symbol("loop");
  caller_ = symbol("caller");
  varargs_ = symbol("varargs");
  kwargs_ = symbol("kwargs");
  for (const auto& [name, function] : global_functions(*this)) set(name, function);
}

Evaluator::~Evaluator() = default;

void Evaluator::set(std::string_view name, const Value& value) {
  const auto found = std::find(program_.names.begin(), program_.names.end(), name);
  if (found == program_.names.end()) return;
  globals_[static_cast<std::size_t>(found - program_.names.begin())] =
      std::make_unique<Value>(value);
}

Text Evaluator::run() {
  Text result;
  output_ = &result;
  try {
    run(program_.body);
  } catch (const Raised& raised) {
    throw Error(ErrorCode::usage, raised.what(),
                "the chat template says so: " + program_.name + ":" + std::to_string(at_.line) +
                    ":" + std::to_string(at_.column));
  } catch (const Failure& failure) {
    fail_at(program_.name, at_, utf8::printable(failure.what(), 400));
  }
  return result;
}

const Value* Evaluator::find_variable(Symbol symbol) {
  for (const Scope* scope = scope_; scope != nullptr; scope = scope->parent) {
    heap().work(1 + scope->variables.size() / 8);
    for (const auto& [name, value] : scope->variables) {
      if (name == symbol) return &value;
    }
  }
  return globals_[static_cast<std::size_t>(symbol)].get();
}

void Evaluator::assign(Symbol symbol, Value value) {
  if (scope_ == nullptr) {
    auto& place = globals_[static_cast<std::size_t>(symbol)];
    if (place) {
      *place = std::move(value);
    } else {
      place = std::make_unique<Value>(std::move(value));
    }
    return;
  }
  heap().work(1 + scope_->variables.size() / 8);
  for (auto& [name, old] : scope_->variables) {
    if (name != symbol) continue;
    old = std::move(value);
    return;
  }
  heap().budget().take(kVariableBytes);
  scope_->variables.emplace_back(symbol, std::move(value));
}

void Evaluator::assign(const Target& target, Value value) {
  at_ = target.at;
  if (target.is_tuple) {
    require_defined(value);
    const auto items = items_of(heap(), value);
    if (items->items.size() != target.parts.size()) {
      throw Failure(std::to_string(items->items.size()) + " values for " +
                    std::to_string(target.parts.size()) + " variables");
    }
    for (std::size_t i = 0; i < target.parts.size(); ++i) assign(target.parts[i], items->items[i]);
    return;
  }
  if (target.attribute.empty()) return assign(target.symbol, std::move(value));
  const Value* const found = find_variable(target.symbol);
  const std::string& name = program_.names[static_cast<std::size_t>(target.symbol)];
  if (found == nullptr) throw Failure("'" + name + "' is undefined");
  const Value space = *found;
  if (!set_attribute(*this, space, target.attribute, std::move(value))) {
    throw Failure("'" + name + "' is no namespace: its attributes cannot be set");
  }
}

Value Evaluator::evaluate(const Expression& expression) {
  const Deeper deeper(*this);
  at_ = expression.at;
  switch (expression.kind) {
    case ExpressionKind::constant:
      return expression.constant;
    case ExpressionKind::name: {
      const Value* const found = find_variable(expression.symbol);
      if (found != nullptr) return *found;
      return undefined("'" + program_.names[static_cast<std::size_t>(expression.symbol)] +
                       "' is undefined");
    }
    case ExpressionKind::list:
      return heap().list(all(expression.parts));
    case ExpressionKind::tuple:
      return heap().tuple(all(expression.parts));
    case ExpressionKind::dict:
      return dict(expression);
    case ExpressionKind::negative:
      return negative(evaluate(*expression.parts[0]));
    case ExpressionKind::positive:
      return positive(evaluate(*expression.parts[0]));
    case ExpressionKind::negation:
      return !is_true(evaluate(*expression.parts[0]));
    case ExpressionKind::all_of:
      return both(expression);
    case ExpressionKind::any_of:
      return either(expression);
    case ExpressionKind::comparison:
      return comparison(expression);
    case ExpressionKind::arithmetic:
      return arithmetic_chain(expression);
    case ExpressionKind::text:
      return joined(expression);
    case ExpressionKind::conditional:
      return conditional(expression);
    case ExpressionKind::chain:
      return linked(evaluate(*expression.parts[0]), expression.links);
  }
  return None{};
}

Values Evaluator::all(const std::vector<ExpressionPointer>& parts) {
  Values values;
  for (const auto& part : parts) values.push_back(evaluate(*part));
  return values;
}

Value Evaluator::dict(const Expression& expression) {
  std::vector<std::pair<Value, Value>> entries;
  for (std::size_t i = 0; i < expression.parts.size(); i += 2) {
    Value key = evaluate(*expression.parts[i]);
    entries.emplace_back(std::move(key), evaluate(*expression.parts[i + 1]));
  }
  at_ = expression.at;
  return heap().dict(std::move(entries));
}

// `and` and `or` give the operand that decided.
Value Evaluator::both(const Expression& expression) {
  for (std::size_t i = 0;; ++i) {
    Value value = evaluate(*expression.parts[i]);
    if (i + 1 == expression.parts.size() || !is_true(value)) return value;
  }
}

Value Evaluator::either(const Expression& expression) {
  for (std::size_t i = 0;; ++i) {
    Value value = evaluate(*expression.parts[i]);
    if (i + 1 == expression.parts.size() || is_true(value)) return value;
  }
}

Value Evaluator::comparison(const Expression& expression) {
  Value left = evaluate(*expression.parts[0]);
  for (std::size_t i = 0; i < expression.operators.size(); ++i) {
    Value right = evaluate(*expression.parts[i + 1]);
    at_ = expression.at;
    if (!compare(*this, expression.operators[i], left, right)) return false;
    left = std::move(right);
  }
  return true;
}

Value Evaluator::arithmetic_chain(const Expression& expression) {
  Value left = evaluate(*expression.parts[0]);
  for (std::size_t i = 0; i < expression.operators.size(); ++i) {
    const Value right = evaluate(*expression.parts[i + 1]);
    at_ = expression.at;
    left = arithmetic(*this, expression.operators[i], left, right);
  }
  return left;
}

Value Evaluator::joined(const Expression& expression) {
  Text result;
  const Values values = all(expression.parts);
  at_ = expression.at;
  for (const Value& value : values) {
    result.append(to_text(*this, value));
    heap().room(result.size());
  }
  return heap().string(std::move(result));
}

Value Evaluator::conditional(const Expression& expression) {
  if (is_true(evaluate(*expression.parts[0]))) return evaluate(*expression.parts[1]);
  if (expression.parts[2]) return evaluate(*expression.parts[2]);
  return undefined("an inline if without else did not hold");
}

Value Evaluator::linked(Value value, const std::vector<Link>& links, Object* caller) {
  for (std::size_t i = 0; i < links.size(); ++i) {
    heap().work();
    value = follow(value, links[i], i + 1 == links.size() ? caller : nullptr);
  }
  return value;
}

Value Evaluator::follow(const Value& value, const Link& link, Object* caller) {
  const auto part = [&](std::size_t which) {
    return link.parts[which] ? evaluate(*link.parts[which]) : Value(None{});
  };
  switch (link.kind) {
    case LinkKind::attribute:
      at_ = link.at;
      return attribute(*this, value, link.name);
    case LinkKind::item: {
      const Value index = part(0);
      at_ = link.at;
      return item(*this, value, index);
    }
    case LinkKind::slice: {
      const Value start = part(0), stop = part(1), step = part(2);
      at_ = link.at;
      return slice(*this, value, start, stop, step);
    }
    default:
      break;
  }
  Arguments arguments = arguments_of(link.arguments);
  if (caller != nullptr) arguments.named.emplace_back("caller", caller);
  at_ = link.at;
  if (link.kind == LinkKind::call) return call(value, arguments);
  if (link.kind == LinkKind::filter) {
    if (link.filter == nullptr) throw Failure("there is no filter '" + link.name + "' here");
    return link.filter->apply(*this, value, arguments);
  }
  if (link.test == nullptr) throw Failure("there is no test '" + link.name + "' here");
  return link.test->holds(*this, value, arguments) != link.negated;
}

Arguments Evaluator::arguments_of(const std::vector<Argument>& arguments) {
  Arguments result;
  for (const Argument& argument : arguments) {
    Value value = evaluate(*argument.value);
    switch (argument.kind) {
      case Argument::Kind::positional:
        result.positional.push_back(std::move(value));
        break;
      case Argument::Kind::named:
        result.named.emplace_back(argument.name, std::move(value));
        break;
      case Argument::Kind::spread_list: {
        require_defined(value);
        const auto items = items_of(heap(), value);
        heap().room((result.positional.size() + items->items.size()) * sizeof(Value));
        result.positional.insert(result.positional.end(), items->items.begin(), items->items.end());
        break;
      }
      case Argument::Kind::spread_dict: {
        const Dict* const dict = as<Dict>(value);
        if (dict == nullptr) throw Failure("** takes a dict, not '" + type_name(value) + "'");
        for (const auto& [key, item] : dict->entries) {
          if (!as_string(key)) throw Failure("the names of arguments are strings");
          result.named.emplace_back(bytes_of(key), item);
        }
        break;
      }
    }
  }
  return result;
}

}  // namespace unmask::jinja
