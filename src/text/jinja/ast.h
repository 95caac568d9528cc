// What a template says, after parsing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "text/jinja/lexer.h"
#include "text/jinja/value.h"

namespace unmask::jinja {

struct Expression;
struct Filter;
struct Test;
using ExpressionPointer = std::unique_ptr<Expression>;
using Symbol = int;  ///< a variable, by its place in Program::names

enum class ExpressionKind {
  constant,     // `constant`
  name,         // `symbol`
  list,         // the parts
  tuple,        // the parts
  dict,         // parts: key, value, key, value...
  negative,     // -parts[0]
  positive,     // +parts[0]
  negation,     // not parts[0]
  all_of,       // parts with `and` between them
  any_of,       // parts with `or` between them
  comparison,   // parts with operators between them
  arithmetic,   // likewise; from left to right
  text,         // parts with ~ between them
  conditional,  // parts[1] if parts[0] else parts[2], which may be missing
  chain,        // parts[0], then the links
};

enum class Operator {
  add,
  subtract,
  multiply,
  divide,
  floor_divide,
  modulo,
  power,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  not_in
};

struct Argument {
  enum class Kind { positional, named, spread_list, spread_dict };
  Kind kind;
  std::string name;
  ExpressionPointer value;
};

enum class LinkKind { attribute, item, slice, call, filter, test };

/// One step of `a.b[c](d)|e is f`.
struct Link {
  LinkKind kind;
  Place at;
  std::string name{};  // of an attribute, a filter, a test
  std::vector<ExpressionPointer>
      parts{};  // the index, or start, stop and step, which may be missing
  std::vector<Argument> arguments{};
  const Filter* filter =
      nullptr;  // nullptr where there is none of that name: an error when reached
  const Test* test = nullptr;
  bool negated = false;  // is not
};

struct Expression {
  ExpressionKind kind;
  Place at;
  Value constant = Undefined{};
  Symbol symbol = -1;
  std::vector<ExpressionPointer> parts;
  std::vector<Operator> operators;
  std::vector<Link> links;
};

/// What is assigned to: a variable, an attribute of a namespace, or several of them.
struct Target {
  Place at;
  Symbol symbol = -1;
  std::string attribute{};      // "" for a variable
  std::vector<Target> parts{};  // of a, b
  bool is_tuple = false;
};

struct Statement;
using Block = std::vector<Statement>;

struct Parameter {
  Symbol symbol;
  std::string name;
  ExpressionPointer fallback;  // may be missing
};

struct Branch {
  ExpressionPointer condition;  // missing: else
  Block body;
};

/// What calling a macro, or `caller` of a call block, runs.
struct MacroCode {
  std::string name;
  std::vector<Parameter> parameters;
  Block body;
  bool uses_caller = false, uses_varargs = false, uses_kwargs = false;
};

enum class StatementKind {
  text,        // `value`, a constant
  output,      // `value`
  branches,    // if, elif, else
  loop,        // for `target` in `value` if `test`: `body`, `otherwise`
  assign,      // `target` = `value`
  capture,     // `target` = the output of `body`, through the links of `value` where there is one
  macro,       // `symbol` = `macro`
  call,        // `value`, a call, with `macro` as caller
  filter,      // the output of `body`, through the links of `value`
  scope,       // `body` with variables of its own: with, generation
  leave_loop,  // break
  next_round,  // continue
};

struct Statement {
  StatementKind kind;
  Place at;
  ExpressionPointer value, test;
  Target target;
  Symbol symbol = -1;
  std::vector<Branch> branches;
  std::vector<std::pair<Target, ExpressionPointer>> variables;  // of with
  Block body, otherwise;
  std::unique_ptr<MacroCode> macro;
  bool uses_loop = false, recursive = false;
};

struct Program {
  std::string name;                // for messages
  std::vector<std::string> names;  // of the symbols
  Block body;
};

}  // namespace unmask::jinja
