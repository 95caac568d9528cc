// Options that contradict each other.
#include "unmask/error.h"
#include "unmask/options.h"

namespace unmask {
namespace {

void require(bool fits, const std::string& message, const std::string& hint) {
  if (!fits) throw Error(ErrorCode::usage, message, hint);
}

bool is_remdm(ReviseKind revise) {
  return revise == ReviseKind::remdm_cap || revise == ReviseKind::remdm_rescale ||
         revise == ReviseKind::remdm_conf || revise == ReviseKind::remdm_loop;
}

bool runs_in_noise(ScheduleKind schedule) {
  return schedule == ScheduleKind::linear || schedule == ScheduleKind::loglinear ||
         schedule == ScheduleKind::bd3lm;
}

void check_blocks(const DecodeOptions& o) {
  const std::string block = std::to_string(o.block), part = std::to_string(o.sub_block);
  require(o.attention == AttentionKind::full || o.block > 0,
          "--attention block needs a block length",
          "add --block N, or --attention full where the model can see the whole canvas");
  if (o.sub_block == 0) return;
  require(o.block > 0 && o.block % o.sub_block == 0,
          "blocks of " + block + " tokens cannot be cut into sub-blocks of " + part,
          "--block must be a multiple of --sub-block");
  require(o.grid == BlockGrid::absolute, "sub-blocks need blocks at multiples of their length",
          "add --block-grid absolute, or leave --sub-block out");
}

void check_cache(const DecodeOptions& o) {
  require(o.cache != CacheKind::block || o.attention == AttentionKind::block,
          "--cache block needs --attention block: under full attention the keys and values of "
          "finished blocks still change",
          "use --cache none");
  const bool for_full_attention =
      o.cache == CacheKind::prefix || o.cache == CacheKind::dual || o.cache == CacheKind::delayed;
  require(!for_full_attention || o.attention == AttentionKind::full,
          "--cache " + cache_text(o) + " is for --attention full",
          "use --cache block, which is exact under block attention, or --attention full");
  require(o.cache != CacheKind::sub_block || o.sub_block > 0,
          "--cache sub-block needs blocks in parts", "add --sub-block N, or use --cache block");
}

/// Drafts and shadow rows are computed with the whole canvas.
void check_drafts(const DecodeOptions& o) {
  const bool full = o.attention == AttentionKind::full;
  const bool caches = o.cache != CacheKind::none && !(full && o.cache == CacheKind::automatic);
  const std::string cache = "--cache " + cache_text(o);
  const std::string commit = "--commit " + commit_text(o), revise = "--revise " + revise_text(o);
  require(o.commit != CommitKind::verify || !caches, commit + " and " + cache + " do not fit",
          "use --cache none");
  require(o.commit != CommitKind::verify || (o.revise == ReviseKind::none && !o.first_alone),
          commit + " goes on from what is written: it cannot be combined with " +
              (o.first_alone ? "--first-alone" : revise),
          o.first_alone ? "add --no-first-alone" : "leave one of them out");
  require(o.revise != ReviseKind::wino || full, revise + " needs --attention full",
          "the tokens of a block are judged by what stands on both sides of them");
  require(o.revise != ReviseKind::wino || !caches, revise + " and " + cache + " do not fit",
          "use --cache none");
}

/// All that is open is to be seen in each step, and to be final when it is written.
void check_converged(const DecodeOptions& o) {
  if (!o.converged) return;
  require(o.attention == AttentionKind::full,
          "--converged fills the whole canvas, of which --attention block does not see the end",
          "leave --converged out; --commit threshold:T finishes blocks sooner");
  require(o.cache != CacheKind::dual, "--converged and --cache dual do not fit",
          "use --cache prefix, delayed or none, which compute what lies behind the block");
  const bool goes_on = o.commit == CommitKind::verify || o.commit == CommitKind::ancestral ||
                       o.commit == CommitKind::analytic;
  require(!goes_on && o.revise == ReviseKind::none,
          "--converged and " +
              (goes_on ? "--commit " + commit_text(o) : "--revise " + revise_text(o)) +
              " do not fit",
          "leave one of them out");
}

/// Rules of their own have no schedule, and each goes with one kind of commit.
void check_rules(const DecodeOptions& o) {
  const bool own_process = o.commit == CommitKind::ancestral || o.commit == CommitKind::analytic;
  const std::string schedule = "--schedule " + schedule_text(o);
  const std::string commit = "--commit " + commit_text(o), revise = "--revise " + revise_text(o);
  require(own_process == runs_in_noise(o.schedule), commit + " and " + schedule + " do not fit",
          own_process ? "--schedule linear, loglinear or bd3lm goes with it"
                      : "--commit ancestral or analytic goes with it");
  require(!is_remdm(o.revise) || o.commit == CommitKind::ancestral,
          revise + " and " + commit + " do not fit", "--commit ancestral goes with it");
  if (o.revise == ReviseKind::edit || o.sub_block > 0) {
    const std::string rule = o.sub_block > 0 ? "--sub-block" : revise;
    require(o.commit == CommitKind::threshold && o.min_commit > 0,
            rule + " and " + commit + " do not fit", "--commit threshold:T goes with it");
    require(o.steps == 0, rule + " goes on until a block is done: it has no number of steps",
            "leave --steps out");
  }
  require(!o.first_alone || (o.revise == ReviseKind::none && o.sub_block == 0),
          "--first-alone is for plain blocks: it does not fit " +
              (o.sub_block > 0 ? std::string("--sub-block") : revise),
          "add --no-first-alone");
  require(o.revise != ReviseKind::edit || o.sub_block == 0, revise + " has no sub-blocks",
          "leave --sub-block out");
  require(
      (o.revise != ReviseKind::p2 && o.revise != ReviseKind::wino) || o.commit == CommitKind::quota,
      revise + " and " + commit + " do not fit", "--commit quota goes with it");
}

}  // namespace

void check_options(const DecodeOptions& options) {
  check_blocks(options);
  check_cache(options);
  check_rules(options);
  check_drafts(options);
  check_converged(options);
}

}  // namespace unmask
