#include "batch/team.h"

#include <algorithm>
#include <array>
#include <thread>

#include "base/interrupt.h"
#include "batch/file_lock.h"
#include "session/engine_library.h"

namespace unmask {
namespace {

using std::chrono::milliseconds;

// How long rank 0 listens for those that have not begun: they would wait for it in vain.
constexpr milliseconds kForLateOnes = std::chrono::minutes(1);
constexpr milliseconds kForLastWords = std::chrono::seconds(1);
constexpr milliseconds kBetweenLooks{100};

/// In the end all wait for the last chunk, so it is a sixteenth of what a rank does, and 64 lines
/// at most. Taking one costs 20 microseconds on one machine, over a network its round trip.
std::uint64_t lines_of_chunk(std::uint64_t lines, int ranks) {
  return std::clamp<std::uint64_t>(lines / (16 * static_cast<std::uint64_t>(ranks)), 1, 64);
}

}  // namespace

Team::Team(const StoreOptions& options, const std::string& run_id, const std::string& output)
    : options_(options),
      prefix_("unmask " + run_id + "/"),
      output_(output),
      store_(open_store(options)) {}

Team::~Team() {
  try {
    if (rank() > 0) store_->leave(milliseconds(0));
    if (rank() == 0 && !announced_) store_->set(prefix_ + "run", "");
  } catch (const Error&) {
    // Who waits for it does so in vain, and says so.
  }
}

std::string Team::key(const std::string& name, int rank) const {
  return prefix_ + name + " " + std::to_string(rank);
}

void Team::announce(const OrderedJson& fingerprint, std::uint64_t lines) {
  chunk_lines_ = lines_of_chunk(lines, options_.world_size);
  const OrderedJson run = {{"fingerprint", fingerprint}, {"chunk_lines", chunk_lines_}};
  store_->set(prefix_ + "run", run.dump());
  announced_ = true;
}

std::optional<OrderedJson> Team::wait_for_announcement() {
  const std::array keys = {prefix_ + "run"};
  if (!store_->wait(keys, options_.timeout)) {
    throw Error(ErrorCode::resource, "rank 0 of this run is not there",
                "all processes need the same input, output and --store; those that are to work "
                "alone need UNMASK_WORLD_SIZE=1");
  }
  if (store_->get(prefix_ + "over")) return std::nullopt;
  const std::string run = store_->get(keys.front()).value_or("");
  if (run.empty()) {
    throw Error(ErrorCode::usage, "rank 0 has refused the run", "it says why");
  }
  const OrderedJson announcement = OrderedJson::parse(run);
  chunk_lines_ = announcement.at("chunk_lines").get<std::uint64_t>();
  return announcement.at("fingerprint");
}

bool Team::begin() {
  store_->set(key("begun", rank()), "");
  // In this order: rank 0 says that it is over and then looks who has begun.
  return !store_->get(prefix_ + "over");
}

bool Team::is_mine(std::uint64_t line, const BatchReport& so_far) {
  const auto wanted = static_cast<std::int64_t>((line - 1) / chunk_lines_);
  if (chunk_ >= wanted) return chunk_ == wanted;
  while (chunk_ < wanted) chunk_ = store_->add(prefix_ + "chunks", 1) - 1;
  tell(so_far);
  return chunk_ == wanted;
}

void Team::tell(const BatchReport& report) {
  if (rank() == 0) return;
  const OrderedJson counts = {{"prompt_tokens", report.prompt_tokens},
                              {"tokens", report.tokens},
                              {"forwards", report.forwards},
                              {"errors", report.errors}};
  store_->set(key("counts", rank()), counts.dump());
}

void Team::end(const BatchReport& report) {
  tell(report);
  store_->set(key("ended", rank()), "");
}

bool Team::is_anybody_at_work() {
  for (int other = 1; other < options_.world_size; ++other) {
    const bool works = store_->get(key("begun", other)) && !store_->get(key("ended", other));
    if (works && is_locked(part_name(output_, other))) return true;
  }
  return false;
}

void Team::wait_for_others() {
  const auto wait = [&] {
    while (is_anybody_at_work()) {
      throw_if_interrupted();
      std::this_thread::sleep_for(kBetweenLooks);
    }
  };
  wait();
  store_->set(prefix_ + "over", "");
  wait();  // for who has begun just before
}

void Team::complete(BatchReport& report, const Recorded& now, std::uint64_t skipped,
                    std::uint64_t failed_before) {
  for (int other = 1; other < options_.world_size; ++other) {
    const auto text = store_->get(key("counts", other));
    if (!text) continue;
    const OrderedJson counts = OrderedJson::parse(*text);
    report.prompt_tokens += counts.at("prompt_tokens").get<std::uint64_t>();
    report.tokens += counts.at("tokens").get<std::uint64_t>();
    report.forwards += counts.at("forwards").get<std::uint64_t>();
    for (const auto& [code, count] : counts.at("errors").items()) {
      report.errors[code] += count.get<std::uint64_t>();
    }
  }
  report.skipped = skipped;
  report.failed = now.failed.size() - failed_before;
  report.done = now.lines() - skipped - report.failed;
}

void Team::leave() {
  bool all_have_begun = true;
  for (int other = 1; other < options_.world_size; ++other) {
    all_have_begun = all_have_begun && store_->get(key("begun", other));
  }
  const bool is_file = options_.kind == StoreOptions::Kind::file;
  const bool is_missed = !all_have_begun && !is_file && !options_.hosted;
  const int gone = store_->leave(is_missed ? kForLateOnes : kForLastWords);
  if (gone > 0 && all_have_begun) store_->remove();  // the dead do not come back to it
}

}  // namespace unmask
