// The options whose names may have parameters.
#include <algorithm>
#include <array>
#include <vector>

#include "base/option_text.h"

namespace unmask {
namespace {

constexpr int kMaxDrafts = 64;

constexpr std::array kSchedules{
    Spelling{"even", ScheduleKind::even},
    Spelling{"block", ScheduleKind::block},
    Spelling{"dream", ScheduleKind::dream},
    Spelling{"dllm:linear", ScheduleKind::dllm_linear},
    Spelling{"dllm:cosine", ScheduleKind::dllm_cosine},
    Spelling{"rnd1", ScheduleKind::rnd1},
    Spelling{"linear", ScheduleKind::linear},
    Spelling{"loglinear", ScheduleKind::loglinear},
    Spelling{"bd3lm", ScheduleKind::bd3lm},
};
constexpr std::array kCommits{
    Spelling{"quota", CommitKind::quota},
    Spelling{"threshold", CommitKind::threshold},
    Spelling{"factor", CommitKind::factor},
    Spelling{"carry", CommitKind::carry},
    Spelling{"klass", CommitKind::klass},
    Spelling{"credit", CommitKind::credit},
    Spelling{"hierarchy", CommitKind::hierarchy},
    Spelling{"verify", CommitKind::verify},
    Spelling{"entropy-sum", CommitKind::entropy_sum},
    Spelling{"entropy-bound", CommitKind::entropy_bound},
    Spelling{"binomial", CommitKind::binomial},
    Spelling{"bernoulli", CommitKind::bernoulli},
    Spelling{"ancestral", CommitKind::ancestral},
    Spelling{"analytic", CommitKind::analytic},
};
constexpr std::array kRevises{
    Spelling{"none", ReviseKind::none},
    Spelling{"edit", ReviseKind::edit},
    Spelling{"wino", ReviseKind::wino},
    Spelling{"p2", ReviseKind::p2},
    Spelling{"remdm-cap", ReviseKind::remdm_cap},
    Spelling{"remdm-rescale", ReviseKind::remdm_rescale},
    Spelling{"remdm-conf", ReviseKind::remdm_conf},
    Spelling{"remdm-loop", ReviseKind::remdm_loop},
};
constexpr std::array kCaches{
    Spelling{"auto", CacheKind::automatic},  Spelling{"none", CacheKind::none},
    Spelling{"block", CacheKind::block},     Spelling{"prefix", CacheKind::prefix},
    Spelling{"dual", CacheKind::dual},       Spelling{"sub-block", CacheKind::sub_block},
    Spelling{"delayed", CacheKind::delayed},
};

/// "edit:0.9,16" is a name and its parameters.
struct Parts {
  std::string_view all, name;
  std::vector<std::string_view> values;

  explicit Parts(std::string_view text) : all(text), name(text.substr(0, text.find(':'))) {
    for (std::size_t end = name.size(); end < text.size(); end += values.back().size()) {
      const std::string_view rest = text.substr(++end);  // behind the separator
      values.push_back(rest.substr(0, rest.find(',')));
    }
  }

  int given() const { return static_cast<int>(values.size()); }

  /// Throws unless there are at least `least` and at most `most` parameters, written as `form`.
  void expect(int least, int most, const std::string& form) const {
    const bool dangling = std::find(values.begin(), values.end(), "") != values.end();
    if (dangling || given() < least || given() > most) {
      refuse_value(all, "not of the form " + form);
    }
  }
};

/// remdm-loop's times and share, where they are given.
void set_loop(DecodeOptions& options, const Parts& parts) {
  if (parts.given() == 1) return;
  parts.expect(4, 4, "remdm-loop:ETA[,ON,OFF,KEPT]");
  const double on = parse_share(parts.values[1]), off = parse_share(parts.values[2]);
  const double kept = parse_share(parts.values[3]);
  if (on >= 1 || off >= on || kept >= 1) {
    refuse_value(parts.all, "not possible: ON must be below 1, OFF below ON, and KEPT below 1");
  }
  options.loop_on = on;
  options.loop_off = off;
  options.loop_kept = kept;
}

/// Whether the bound is the rule's only parameter.
bool has_bound(CommitKind kind) {
  return kind == CommitKind::entropy_sum || kind == CommitKind::entropy_bound ||
         kind == CommitKind::factor || kind == CommitKind::carry || kind == CommitKind::credit ||
         kind == CommitKind::verify;
}

std::string bound_form(CommitKind kind) {
  if (kind == CommitKind::factor) return ":F";
  if (kind == CommitKind::verify) return ":D";
  return kind == CommitKind::carry ? ":T" : ":G";
}

bool has_two_bounds(CommitKind kind) {
  return kind == CommitKind::klass || kind == CommitKind::hierarchy;
}

bool has_last_time(ScheduleKind kind) {
  return kind == ScheduleKind::dream || kind == ScheduleKind::linear ||
         kind == ScheduleKind::loglinear;
}

}  // namespace

void set_schedule(DecodeOptions& options, std::string_view text) {
  const Parts parts(text);
  if (parts.name == "dllm") {
    options.schedule = parse_choice(kSchedules, text);
    return;
  }
  const ScheduleKind kind = parse_choice(kSchedules, parts.name);
  if (parts.given() > 0 && !has_last_time(kind)) {
    refuse_value(text, "not a schedule: only 'dream', 'linear' and 'loglinear' take a last time");
  }
  parts.expect(0, 1, std::string(parts.name) + "[:EPS]");
  if (parts.given() > 0) options.schedule_eps = parse_share(parts.values[0]);
  options.schedule = kind;
}

void set_commit(DecodeOptions& options, std::string_view text) {
  const Parts parts(text);
  if (parts.name == "dynamic") {
    parts.expect(1, 1, "dynamic:T");
    options.commit_bound = parse_at_least_zero(parts.values[0]);
    options.commit = CommitKind::threshold;
    options.min_commit = 0;
    return;
  }
  const CommitKind kind = parse_choice(kCommits, parts.name, ", 'dynamic'");
  if (kind == CommitKind::threshold) {
    parts.expect(1, 2, "threshold:T[,FLOOR]");
    options.min_commit = 1;
    if (parts.given() == 2) {
      const std::string_view floor = parts.values[1];
      options.min_commit = floor == "quota" ? 0 : parse_int(floor, 1, kMaxLength);
    }
  } else if (kind == CommitKind::credit) {
    parts.expect(0, 1, "credit[:T]");
    options.commit_bound = 0.9;  // dInfer's
  } else if (has_bound(kind)) {
    parts.expect(1, 1, std::string(parts.name) + bound_form(kind));
    if (kind == CommitKind::verify) (void)parse_int(parts.values[0], 1, kMaxDrafts);
  } else if (has_two_bounds(kind)) {
    parts.expect(2, 2,
                 std::string(parts.name) + (kind == CommitKind::klass ? ":CONF,KL" : ":HIGH,LOW"));
    options.commit_second = parse_at_least_zero(parts.values[1]);
  } else {
    parts.expect(0, 0, std::string(parts.name) + ", without a parameter");
  }
  if (parts.given() > 0) options.commit_bound = parse_at_least_zero(parts.values[0]);
  options.commit = kind;
}

void set_revise(DecodeOptions& options, std::string_view text) {
  const Parts parts(text);
  const ReviseKind kind = parse_choice(kRevises, parts.name);
  switch (kind) {
    case ReviseKind::edit:
      parts.expect(2, 2, "edit:E,POST");
      options.post_steps = parse_int(parts.values[1], 0, kMaxLength);
      break;
    case ReviseKind::wino:
      parts.expect(2, 2, "wino:T1,T2");
      options.verify_bound = parse_at_least_zero(parts.values[1]);
      break;
    case ReviseKind::remdm_cap:
    case ReviseKind::remdm_rescale:
      parts.expect(1, 1, std::string(parts.name) + ":ETA");
      break;
    case ReviseKind::remdm_loop:
      parts.expect(1, 4, "remdm-loop:ETA[,ON,OFF,KEPT]");
      set_loop(options, parts);
      break;
    case ReviseKind::none:
    case ReviseKind::p2:
    case ReviseKind::remdm_conf:
      parts.expect(0, 0, std::string(parts.name) + ", without a parameter");
      break;
  }
  if (parts.given() > 0) {
    options.revise_strength = kind == ReviseKind::edit || kind == ReviseKind::wino
                                  ? parse_at_least_zero(parts.values[0])
                                  : parse_share(parts.values[0]);
  }
  options.revise = kind;
}

void set_cache(DecodeOptions& options, std::string_view text) {
  const Parts parts(text);
  const CacheKind kind = parse_choice(kCaches, parts.name);
  const bool has_number = kind == CacheKind::delayed;
  parts.expect(0, has_number ? 1 : 0,
               std::string(parts.name) + (has_number ? "[:N]" : ", without a parameter"));
  if (parts.given() > 0) options.cache_refresh = parse_int(parts.values[0], 1, kMaxLength);
  options.cache = kind;
}

void set_converged(DecodeOptions& options, std::string_view text) {
  if (text == "off") {
    options.converged = false;
    return;
  }
  DecodeOptions parsed;
  if (text != "on") {
    const std::string named = "gaps:" + std::string(text);
    const Parts parts(named);
    if (parts.given() != 3) refuse_value(text, "neither 'on', 'off' nor of the form G1,G2,G3");
    for (std::size_t i = 0; i < 3; ++i) {
      parsed.converged_gaps[i] = parse_at_least_zero(parts.values[i]);
    }
  }
  options.converged_gaps = parsed.converged_gaps;
  options.converged = true;
}

std::string schedule_text(const DecodeOptions& options) {
  const std::string name = spell(kSchedules, options.schedule);
  return has_last_time(options.schedule) ? name + ":" + number_text(options.schedule_eps) : name;
}

std::string commit_text(const DecodeOptions& options) {
  const std::string name = spell(kCommits, options.commit);
  const std::string bound = ":" + number_text(options.commit_bound);
  if (options.commit == CommitKind::threshold) {
    if (options.min_commit == 0) return "dynamic" + bound;
    return name + bound + "," + std::to_string(options.min_commit);
  }
  if (has_two_bounds(options.commit))
    return name + bound + "," + number_text(options.commit_second);
  return has_bound(options.commit) ? name + bound : name;
}

std::string revise_text(const DecodeOptions& options) {
  const std::string name = spell(kRevises, options.revise);
  const std::string strength = ":" + number_text(options.revise_strength);
  switch (options.revise) {
    case ReviseKind::edit:
      return name + strength + "," + std::to_string(options.post_steps);
    case ReviseKind::wino:
      return name + strength + "," + number_text(options.verify_bound);
    case ReviseKind::remdm_cap:
    case ReviseKind::remdm_rescale:
      return name + strength;
    case ReviseKind::remdm_loop:
      return name + strength + "," + number_text(options.loop_on) + "," +
             number_text(options.loop_off) + "," + number_text(options.loop_kept);
    default:
      return name;
  }
}

std::string cache_text(const DecodeOptions& options) {
  const std::string name = spell(kCaches, options.cache);
  if (options.cache != CacheKind::delayed) return name;
  return name + ":" + std::to_string(options.cache_refresh);
}

std::string converged_text(const DecodeOptions& options) {
  if (!options.converged) return "off";
  const auto& [first, second, last] = options.converged_gaps;
  return number_text(first) + "," + number_text(second) + "," + number_text(last);
}

}  // namespace unmask
