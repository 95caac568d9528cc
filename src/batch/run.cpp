#include "batch/run.h"

#include <utility>

#include "batch/line_planner.h"

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

BatchRun::BatchRun(const BatchJob& job, Session& session, std::uint64_t seed, Journal& journal,
                   BatchProgress& progress)
    : job_(job), session_(session), seed_(seed), journal_(journal), progress_(progress) {
  progress_.say("loading " + session_.setup()->checkpoint->where());
  session_.engine();
}

void BatchRun::answer_lines(IsOurs is_ours, BatchReport& report) {
  BatchFiles files(job_, std::move(is_ours), journal_, progress_, report);
  LinePlanner planner(job_, session_.setup(), seed_);
  BatchQueue queue(planner, session_.load_seconds(), files);
  Ticks ticks(progress_);
  progress_.start();
  session_.engine().run(queue, job_.options.together, &ticks);
}

}  // namespace unmask
