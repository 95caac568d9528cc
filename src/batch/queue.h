// The lines of a batch on their way to the engine, and the answers on their way back.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "batch/line_planner.h"
#include "session/answer.h"
#include "unmask/engine.h"

namespace unmask {

/// What became of a line.
struct Answered {
  std::uint64_t line = 0;
  std::string json;   ///< without a line break
  std::string error;  ///< its code; "" where the line was answered
  std::size_t prompt_tokens = 0;
  std::size_t tokens = 0;  ///< that were generated, before the end token
  std::int64_t forwards = 0;
};

/// Where lines come from and where answers go.
class BatchEnds {
 public:
  virtual ~BatchEnds() = default;

  /// The next line; nothing when there is none for now. May wait for one if `patient`.
  virtual std::optional<InputLine> take(bool patient) = 0;
  virtual void answer(Answered answer) = 0;
};

/// Reads, plans and answers lines; what goes wrong with one is its answer.
class BatchQueue : public RequestQueue {
 public:
  /// All of it must outlive the queue. `load_seconds` is what each answer says about loading.
  BatchQueue(LinePlanner& planner, double load_seconds, BatchEnds& ends);

  std::optional<GenerationRequest> next() override;
  void finished(std::size_t number, Generation generation) override;
  void failed(std::size_t number, const Error& error) override;

 private:
  /// A line whose drafts are under way.
  struct Pending {
    BatchItem item;
    Plan plan;
    Answers answers;
    std::size_t missing = 0;  // drafts
    std::optional<Error> error;
    Clock::time_point begin = Clock::now();
  };
  struct Draft {
    std::shared_ptr<Pending> line;
    std::size_t index;
  };

  /// Puts the drafts of a line in place, or answers it at once with what is wrong with it.
  void accept(const InputLine& line);
  void ended(const Draft& draft);
  void answer_error(const BatchItem& item, const Error& error);

  LinePlanner& planner_;
  double load_seconds_;
  std::int64_t created_;  // seconds since 1970
  BatchEnds& ends_;
  std::deque<std::pair<Draft, GenerationRequest>> waiting_;
  std::unordered_map<std::size_t, Draft> under_way_;  // by the engine's number
  std::size_t taken_ = 0;
};

}  // namespace unmask
