// What filters, tests, methods and functions can ask of whoever runs the template.
#pragma once

#include <string>
#include <string_view>

#include "text/jinja/value.h"

namespace unmask::jinja {

/// raise_exception(): carries exactly its message.
class Raised : public Failure {
 public:
  using Failure::Failure;
};

class Interpreter {
 public:
  explicit Interpreter(const Limits& limits) : heap_(limits) {}
  virtual ~Interpreter() = default;

  Heap& heap() { return heap_; }

  Value call(const Value& callee, Arguments& arguments);
  Value filtered(std::string_view name, const Value& value, Arguments& arguments);
  bool tested(std::string_view name, const Value& value, Arguments& arguments);

  /// Seconds since 1970 on the clock of the wall, as strftime_now takes it for local time.
  virtual std::int64_t now() const = 0;

  /// Held while something prints what it holds: it may hold itself, by way of a namespace.
  class Printing {
   public:
    Printing(Interpreter& interpreter, const void* what);
    ~Printing();
    Printing(const Printing&) = delete;

    bool is_within_itself() const { return within_itself_; }

   private:
    Interpreter& interpreter_;
    bool within_itself_;
  };

 private:
  std::vector<const void*> printing_;
  Heap heap_;
};

/// The arguments of a call by the names of the parameters; undefined where none was given.
/// Fails for those that are too many, unknown or given twice.
class Bound {
 public:
  Bound(std::string_view function, Arguments& arguments, std::initializer_list<const char*> names,
        std::size_t required = 0);

  bool has(std::size_t which) const { return given_[which]; }
  const Value& operator[](std::size_t which) const { return values_[which]; }
  std::int64_t integer(std::size_t which, std::int64_t fallback) const;
  bool boolean(std::size_t which, bool fallback) const;
  const String& string(std::size_t which) const;

 private:
  std::string function_;
  Values values_;
  std::vector<bool> given_;
};

}  // namespace unmask::jinja
