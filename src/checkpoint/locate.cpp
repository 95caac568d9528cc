#include "checkpoint/locate.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/utf8.h"
#include "checkpoint/folder.h"
#include "unmask/error.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolderHint =
    "-m takes a folder that holds config.json, *.safetensors and a tokenizer";

// org/name[@revision], taken apart.
struct HubName {
  std::string organisation;
  std::string name;
  std::string revision;  // a branch, a tag or a commit; "main" when none was given

  std::string text() const { return organisation + "/" + name; }
  std::string folder() const { return "models--" + organisation + "--" + name; }
};

bool is_repository_part(std::string_view part) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  // "--" separates the parts in the names of cache folders.
  return is_plain_file_name(part) && std::all_of(part.begin(), part.end(), allowed) &&
         part.find("--") == std::string_view::npos;
}

// A branch name may have slashes, but must not climb out of refs/.
bool is_revision(std::string_view revision) {
  const fs::path path(revision);
  return path.is_relative() && std::all_of(path.begin(), path.end(), [](const fs::path& part) {
           return is_plain_file_name(part.native());
         });
}

std::optional<HubName> parse_hub_name(const std::string& model) {
  const std::size_t slash = model.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const std::size_t at = std::min(model.find('@', slash), model.size());
  HubName hub{model.substr(0, slash), model.substr(slash + 1, at - slash - 1), "main"};
  if (at != model.size()) hub.revision = model.substr(at + 1);
  const bool valid = is_repository_part(hub.organisation) && is_repository_part(hub.name) &&
                     !hub.revision.empty() && is_revision(hub.revision);
  return valid ? std::optional(hub) : std::nullopt;
}

std::optional<fs::path> from_environment(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return fs::path(value);
}

std::vector<fs::path> hub_caches() {
  std::vector<fs::path> caches;
  if (const auto cache = from_environment("HF_HUB_CACHE")) caches.push_back(*cache);
  if (const auto home = from_environment("HF_HOME")) caches.push_back(*home / "hub");
  if (const auto cache = from_environment("XDG_CACHE_HOME")) {
    caches.push_back(*cache / "huggingface" / "hub");
  }
  if (const auto home = from_environment("HOME")) {
    caches.push_back(*home / ".cache" / "huggingface" / "hub");
  }
  return caches;
}

// The commit that `revision` names in a repository's cache folder: itself where there is a snapshot
// of that name, else what refs/ says.
std::optional<fs::path> find_snapshot(const fs::path& repository, const std::string& revision) {
  constexpr std::uint64_t kLargestRef = 256;
  std::error_code ignored;
  const fs::path reference = repository / "refs" / revision;
  std::string commit = revision;
  if (fs::is_regular_file(reference, ignored)) {
    commit = read_file(reference, kLargestRef);
    commit.erase(commit.find_last_not_of(" \r\n\t") + 1);
    if (!is_plain_file_name(commit)) {
      throw Error(ErrorCode::checkpoint, display(reference) + ": says " + utf8::quoted(commit) +
                                             ", must be the name of a snapshot");
    }
  }
  const fs::path snapshot = repository / "snapshots" / commit;
  if (!is_plain_file_name(commit) || !fs::is_directory(snapshot, ignored)) return std::nullopt;
  return snapshot;
}

// `folder` itself when it holds config.json.
fs::path checked_folder(const fs::path& folder) {
  if (has_entry(folder, "config.json")) return folder;
  throw Error(ErrorCode::checkpoint,
              display(folder) + ": has no config.json; it has " + list_folder(folder),
              std::string(kFolderHint));
}

fs::path find_in_hub_cache(const HubName& hub) {
  std::string searched = "./" + hub.text();
  for (const fs::path& cache : hub_caches()) {
    const fs::path repository = cache / hub.folder();
    if (const auto snapshot = find_snapshot(repository, hub.revision)) {
      return checked_folder(*snapshot);
    }
    searched += ", " + display(repository);
    if (has_entry(repository, "snapshots")) {
      searched += " (revisions there: " + list_folder(repository / "snapshots") + ")";
    }
  }
  const bool named = hub.revision != "main";
  throw Error(
      ErrorCode::checkpoint,
      "model " + hub.text() + (named ? " at revision " + hub.revision : "") +
          " is not on this machine; searched " + searched,
      "fetch it with: hf download " + hub.text() + (named ? " --revision " + hub.revision : ""));
}

}  // namespace

fs::path locate_checkpoint(const std::string& model) {
  if (model.empty()) throw Error(ErrorCode::usage, "the model is empty", std::string(kFolderHint));
  const fs::path path(model);
  std::error_code problem;
  const fs::file_status status = fs::status(path, problem);
  if (status.type() == fs::file_type::directory) return checked_folder(path);
  if (fs::exists(status)) {
    throw Error(ErrorCode::checkpoint, display(path) + ": is not a folder",
                std::string(kFolderHint));
  }
  if (problem == std::errc::permission_denied) {
    throw Error(ErrorCode::failure, display(path) + ": " + problem.message());
  }
  if (const auto hub = parse_hub_name(model)) return find_in_hub_cache(*hub);
  throw Error(ErrorCode::checkpoint, display(path) + ": there is no such folder",
              std::string(kFolderHint) + ", or ORG/NAME of a model in the local hub cache");
}

}  // namespace unmask
