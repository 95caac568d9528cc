#include "session/model_folder.h"

#include <array>
#include <cstdlib>
#include <system_error>
#include <vector>

#include "base/descriptor.h"
#include "checkpoint/locate.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;

// Relative to the executable: one or two below the source tree, or installed.
constexpr std::array kShippedPlaces = {"../models", "../../models", "../share/unmask/models"};

std::vector<fs::path> checkpoints_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    if (fs::exists(entry.path() / "config.json", problem)) found.push_back(entry.path());
  }
  return found;
}

/// What -m or the environment names; "" where neither does.
std::string named_model(const std::optional<std::string>& typed) {
  if (typed && typed->empty()) {
    throw Error(ErrorCode::usage, "--model is empty", "it takes a folder or org/name");
  }
  if (typed) return *typed;
  const char* name = std::getenv("UNMASK_MODEL");
  return name != nullptr ? name : "";
}

fs::path shipped_model() {
  std::string places;
  for (const char* place : kShippedPlaces) {
    const fs::path folder = (executable_folder() / place).lexically_normal();
    const std::vector<fs::path> found = checkpoints_in(folder);
    if (found.size() == 1) return found.front();
    if (found.size() > 1) {
      throw Error(ErrorCode::checkpoint,
                  display(folder) + " holds " + std::to_string(found.size()) + " models",
                  "name one with -m");
    }
    places += "\n    " + display(folder);
  }
  throw Error(ErrorCode::checkpoint, "no model is named and none was found in" + places,
              "name one with -m DIR or UNMASK_MODEL=DIR");
}

}  // namespace

fs::path executable_folder() {
  std::error_code problem;
  const fs::path self = fs::read_symlink("/proc/self/exe", problem);
  if (problem) throw Error(ErrorCode::failure, "/proc/self/exe: cannot read: " + problem.message());
  return self.parent_path();
}

std::shared_ptr<const Checkpoint> open_model(const std::optional<std::string>& typed) {
  const std::string name = named_model(typed);
  return Checkpoint::open(name.empty() ? shipped_model() : locate_checkpoint(name));
}

std::shared_ptr<const Checkpoint> open_tokenizer(const std::optional<std::string>& typed) {
  std::error_code problem;
  const fs::path named = named_model(typed);
  return fs::is_directory(named, problem) ? Checkpoint::open(named) : open_model(typed);
}

}  // namespace unmask
