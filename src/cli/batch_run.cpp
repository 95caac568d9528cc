#include "cli/batch_run.h"

#include <utility>

#include "base/clock.h"
#include "cli/engine_library.h"
#include "cli/line_planner.h"

namespace unmask {
namespace {

/// Redraws the progress line while long texts are being decoded.
class Ticks : public Events {
 public:
  explicit Ticks(BatchProgress& progress) : progress_(progress) {}
  void on_step(const StepEvent&) override { progress_.tick(); }

 private:
  BatchProgress& progress_;
};

}  // namespace

BatchRun::BatchRun(const Args& args, const std::string& input, std::shared_ptr<const Setup> setup,
                   std::uint64_t seed, Journal& journal, BatchProgress& progress)
    : args_(args),
      input_(input),
      setup_(std::move(setup)),
      seed_(seed),
      journal_(journal),
      progress_(progress) {
  progress_.say("loading " + display(setup_->folder));
  const auto begin = Clock::now();
  engine_ = load_engine(setup_->engine);
  load_seconds_ = seconds_since(begin);
}

void BatchRun::answer_lines(IsOurs is_ours, BatchReport& report) {
  BatchFiles files(args_, input_, std::move(is_ours), journal_, progress_, report);
  LinePlanner planner(args_, setup_, seed_);
  BatchQueue queue(planner, load_seconds_, files);
  Ticks ticks(progress_);
  progress_.start();
  engine_->run(queue, args_.batch, &ticks);
}

}  // namespace unmask
