// The one error type of the project.
#pragma once

#include <stdexcept>
#include <string>

namespace unmask {

/// What kind of failure; the value is the exit code of the command.
enum class ErrorCode : int {
  failure = 1,        ///< input or output failed, non-finite logits, a bug of ours
  usage = 2,          ///< flags, configuration or prompt that cannot be accepted
  checkpoint = 3,     ///< checkpoint or tokenizer not found, damaged or unsupported
  resource = 5,       ///< memory, context length, device
  interrupted = 130,  ///< a signal asked us to stop
};

/// Thrown where the cause is known; caught in main and at the per-item boundary of a batch.
/// `what()` says what is wrong with the numbers at hand, `hint()` how to mend it (may be empty).
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message, std::string hint = {});
  ~Error() override;

  ErrorCode code() const { return code_; }
  const std::string& hint() const { return hint_; }

 private:
  ErrorCode code_;
  std::string hint_;
};

}  // namespace unmask
