#include "session/machine.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

namespace unmask {
namespace {

std::optional<double> read_number(std::istream& in) {
  std::string word;
  double value = 0;
  if (!(in >> word)) return std::nullopt;
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
  return problem == std::errc{} ? std::optional(value) : std::nullopt;
}

/// Processors' worth of time that the control group allows: version 2's "QUOTA PERIOD" or
/// version 1.
std::optional<double> control_group_limit() {
  std::ifstream both("/sys/fs/cgroup/cpu.max");
  auto quota = read_number(both);  // "max" is no number: no limit
  auto period = read_number(both);
  if (!both.is_open()) {
    std::ifstream quota_file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    std::ifstream period_file("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
    quota = read_number(quota_file);
    period = read_number(period_file);
  }
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return *quota / *period;
}

}  // namespace

int available_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int allowed = ::sched_getaffinity(0, sizeof set, &set) == 0
                          ? CPU_COUNT(&set)
                          : static_cast<int>(std::thread::hardware_concurrency());
  const double limit = std::ceil(control_group_limit().value_or(allowed));
  return std::max(1, std::min(allowed, static_cast<int>(limit)));
}

std::uint64_t peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace unmask
