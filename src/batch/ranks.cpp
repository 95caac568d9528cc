#include "batch/ranks.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/utf8.h"
#include "unmask/error.h"

namespace unmask {
namespace {

using Names = std::array<const char*, 3>;

struct Launcher {
  const char* name;
  Names rank;  // the first that is set
  const char* size;
  Names run_id;  // together they tell runs apart; there must be the first
};

// From the inside out: torchrun and mpirun are themselves started by srun, once per machine, and
// their processes inherit its variables. SLURM_NTASKS is not srun's: the shell of a job has it too.
constexpr std::array kLaunchers = {
    Launcher{"the user", {"UNMASK_RANK", "JOB_COMPLETION_INDEX"}, "UNMASK_WORLD_SIZE", {}},
    Launcher{
        "torchrun", {"RANK"}, "WORLD_SIZE", {"TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT"}},
    Launcher{"Open MPI", {"OMPI_COMM_WORLD_RANK"}, "OMPI_COMM_WORLD_SIZE", {"PMIX_NAMESPACE"}},
    Launcher{"PMI", {"PMI_RANK"}, "PMI_SIZE", {"SLURM_JOB_ID", "SLURM_STEP_ID"}},
    Launcher{"srun",
             {"SLURM_PROCID"},
             "SLURM_STEP_NUM_TASKS",
             {"SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_RESTART_COUNT"}},
};

std::optional<int> read_number(const Environment& environment, const char* name) {
  const auto text = environment(name);
  if (!text) return std::nullopt;
  int number = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, problem] = std::from_chars(text->data(), end, number);
  if (problem == std::errc{} && stop == end && number >= 0) return number;
  throw Error(ErrorCode::usage,
              std::string(name) + " is '" + utf8::printable(*text) + "', not a number of processes",
              "it comes from the environment: see docs/scale-out.md");
}

void check(const Rank& rank) {
  if (rank.rank < rank.size) return;
  throw Error(ErrorCode::usage,
              std::string(rank.launcher) + " says that this is rank " + std::to_string(rank.rank) +
                  " of " + std::to_string(rank.size) + " processes",
              "ranks count from 0, up to the number of processes less 1");
}

std::optional<int> first_number(const Environment& environment, const Names& names) {
  for (const char* name : names) {
    if (name == nullptr) break;
    if (const auto number = read_number(environment, name)) return number;
  }
  return std::nullopt;
}

/// "4711.0", with nothing in it that a file name should not have.
std::string run_id(const Environment& environment, const Names& names) {
  std::string id;
  for (const char* name : names) {
    const auto value = name == nullptr ? std::nullopt : environment(name);
    if (value) id += (id.empty() ? "" : ".") + *value;
    if (id.empty()) break;
  }
  for (char& letter : id) {
    const bool is_plain = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                          (letter >= 'A' && letter <= 'Z') || letter == '.';
    if (!is_plain) letter = '_';
  }
  return id;
}

/// Slurm says which numbers an array has from the first to the last, and how many.
Rank find_array_rank(const Environment& environment) {
  const auto task = read_number(environment, "SLURM_ARRAY_TASK_ID");
  const auto count = read_number(environment, "SLURM_ARRAY_TASK_COUNT");
  if (!task || !count || *count == 1) return {};
  const int first = read_number(environment, "SLURM_ARRAY_TASK_MIN").value_or(0);
  const int last = read_number(environment, "SLURM_ARRAY_TASK_MAX").value_or(first + *count - 1);
  if (last - first + 1 != *count || *task < first) {
    throw Error(ErrorCode::usage,
                "the array has " + std::to_string(*count) + " tasks from " + std::to_string(first) +
                    " to " + std::to_string(last) + ", and this is " + std::to_string(*task),
                "number the tasks without gaps, as in --array=0-" + std::to_string(*count - 1));
  }
  return {*task - first, *count, "the Slurm array", "SLURM_ARRAY_TASK_COUNT", ""};
}

std::optional<int> read_port(std::string_view text) {
  int port = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = problem == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional(port) : std::nullopt;
}

StoreOptions read_place(const std::string& place) {
  StoreOptions options;
  const std::size_t colon = place.rfind(':');
  const bool may_be_host = colon != std::string::npos && place.find('/') == std::string::npos;
  const auto port =
      may_be_host ? read_port(std::string_view(place).substr(colon + 1)) : std::nullopt;
  if (!port) {
    options.kind = StoreOptions::Kind::file;
    options.path = place;
    return options;
  }
  options.host = place.substr(0, colon);
  if (options.host.starts_with('[') && options.host.ends_with(']')) {  // an IPv6 address
    options.host = options.host.substr(1, options.host.size() - 2);
  }
  options.port = *port;
  return options;
}

StoreOptions default_place(const Environment& environment, const Rank& rank,
                           const std::string& output) {
  const auto host = environment("MASTER_ADDR");
  const auto port = environment("MASTER_PORT");
  if (std::string_view(rank.launcher) == "torchrun" && host && port) {
    StoreOptions options = read_place(*host + ":" + *port);
    options.hosted = environment("TORCHELASTIC_USE_AGENT_STORE") == "True";
    return options;
  }
  if (rank.run_id.empty()) {
    throw Error(
        ErrorCode::usage,
        std::string(rank.launcher) + " has started " + std::to_string(rank.size) +
            " processes and does not say where they meet",
        "--store HOST:PORT with the machine of rank 0, or --store FILE with a new file that "
        "all of them see");
  }
  StoreOptions options;
  options.kind = StoreOptions::Kind::file;
  options.path = output + ".store-" + rank.run_id;
  return options;
}

}  // namespace

std::optional<std::string> environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

Rank find_rank(const Environment& environment, bool arrays) {
  for (const Launcher& launcher : kLaunchers) {
    const auto size = read_number(environment, launcher.size);
    const bool is_last_word = &launcher == &kLaunchers.front();
    if (!size || (*size == 1 && !is_last_word)) continue;
    if (*size == 1) return {};
    const auto rank = first_number(environment, launcher.rank);
    if (!rank) {
      throw Error(ErrorCode::usage,
                  std::string(launcher.size) + " is " + std::to_string(*size) + ", and " +
                      launcher.rank.front() + " is not set",
                  "set both, or neither");
    }
    Rank found{*rank, *size, launcher.name, launcher.size, run_id(environment, launcher.run_id)};
    check(found);
    return found;
  }
  return arrays ? find_array_rank(environment) : Rank{};
}

StoreOptions meeting_place(const Environment& environment, const Rank& rank,
                           const std::optional<std::string>& place, const std::string& output) {
  StoreOptions options = place ? read_place(*place) : default_place(environment, rank, output);
  options.rank = rank.rank;
  options.world_size = rank.size;
  return options;
}

}  // namespace unmask
