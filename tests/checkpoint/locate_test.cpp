#include "checkpoint/locate.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "base/testing.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
using testing::fails_with;
using testing::TemporaryFolder;

// Each test starts in an empty current folder and with no cache but the one it names.
class LocateCheckpoint : public ::testing::Test {
 protected:
  LocateCheckpoint() {
    for (std::size_t i = 0; i < kVariables.size(); ++i) {
      if (const char* const value = std::getenv(kVariables[i])) before_[i] = value;
      ::unsetenv(kVariables[i]);
    }
    fs::create_directory(folder_ / "here");
    fs::current_path(folder_ / "here");
  }
  ~LocateCheckpoint() override {
    fs::current_path(current_);
    for (std::size_t i = 0; i < kVariables.size(); ++i) {
      ::unsetenv(kVariables[i]);
      if (before_[i]) ::setenv(kVariables[i], before_[i]->c_str(), 1);
    }
  }

  ::testing::AssertionResult refuses(const std::string& model,
                                     std::initializer_list<std::string_view> words) const {
    return fails_with(ErrorCode::checkpoint, words, [&] { locate_checkpoint(model); });
  }

  void set(const char* variable, const fs::path& value) const {
    ::setenv(variable, value.c_str(), 1);
  }

  // A repository in a hub cache as the hub's own client lays it out; returns its snapshot.
  fs::path write_repository(const fs::path& cache, const std::string& commit) const {
    const std::string repository = (cache / "models--org--name").string() + "/";
    folder_.write(repository + "blobs/c0ffee", "{}");
    folder_.write(repository + "refs/main", commit);
    const fs::path snapshot = fs::path(repository) / "snapshots" / commit;
    fs::create_directories(snapshot);
    fs::create_symlink("../../blobs/c0ffee", snapshot / "config.json");
    return snapshot;
  }

  static constexpr std::array<const char*, 4> kVariables = {"HF_HUB_CACHE", "HF_HOME",
                                                            "XDG_CACHE_HOME", "HOME"};
  TemporaryFolder folder_;
  fs::path current_ = fs::current_path();
  std::array<std::optional<std::string>, 4> before_;
};

TEST_F(LocateCheckpoint, TakesAFolder) {
  folder_.write("model/config.json", "{}");
  EXPECT_EQ(locate_checkpoint((folder_ / "model").string()), folder_ / "model");
  EXPECT_EQ(locate_checkpoint("../model"), fs::path("../model"));
}

TEST_F(LocateCheckpoint, PrefersAFolderOverTheCache) {
  set("HF_HUB_CACHE", folder_ / "cache");
  write_repository(folder_ / "cache", "1234");
  folder_.write("here/org/name/config.json", "{}");
  EXPECT_EQ(locate_checkpoint("org/name"), fs::path("org/name"));
}

TEST_F(LocateCheckpoint, SaysWhatAFolderWithoutConfigHolds) {
  fs::create_directory(folder_ / "empty");
  EXPECT_TRUE(refuses(folder_ / "empty", {"has no config.json; it has nothing"}));
  for (int i = 10; i < 23; ++i) folder_.write("many/" + std::to_string(i), "");
  EXPECT_TRUE(
      refuses(folder_ / "many", {"it has 10, 11, 12", "19 and 3 more", "-m takes a folder"}));
}

TEST_F(LocateCheckpoint, RefusesAFile) {
  const fs::path file = folder_.write("model.safetensors", "");
  EXPECT_TRUE(refuses(file, {"model.safetensors: is not a folder", "-m takes a folder"}));
}

TEST_F(LocateCheckpoint, RefusesAnEmptyName) {
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"empty"}, [] { locate_checkpoint(""); }));
}

TEST_F(LocateCheckpoint, SaysWhenThereIsNoSuchFolder) {
  for (const char* model :
       {"./nothing", "nothing", "/no/such/folder", "a/b/c", "../x", "a/..", "a--b/c", "a b/c",
        "org/", "org/name@", "org/name@../../x", "org/name@/etc"}) {
    EXPECT_TRUE(refuses(model, {"there is no such folder", "ORG/NAME"})) << model;
  }
}

TEST_F(LocateCheckpoint, FindsTheMainRevisionInEachCache) {
  const std::pair<const char*, const char*> places[] = {{"HF_HUB_CACHE", ""},
                                                        {"HF_HOME", "hub"},
                                                        {"XDG_CACHE_HOME", "huggingface/hub"},
                                                        {"HOME", ".cache/huggingface/hub"}};
  for (const auto& [variable, below] : places) {
    const fs::path base = folder_ / variable;
    const fs::path snapshot = write_repository(base / below, "1234abcd");
    set(variable, base);
    EXPECT_EQ(fs::canonical(locate_checkpoint("org/name")), fs::canonical(snapshot)) << variable;
    ::unsetenv(variable);
  }
}

TEST_F(LocateCheckpoint, FindsARevisionByBranchTagOrCommit) {
  set("HF_HUB_CACHE", folder_ / "cache");
  const fs::path first = write_repository(folder_ / "cache", "1111");
  const fs::path second = write_repository(folder_ / "cache", "2222");
  folder_.write("cache/models--org--name/refs/v1.0", "1111\n");
  folder_.write("cache/models--org--name/refs/refs/pr/7", "1111");
  EXPECT_EQ(locate_checkpoint("org/name"), second);
  EXPECT_EQ(locate_checkpoint("org/name@main"), second);
  EXPECT_EQ(locate_checkpoint("org/name@1111"), first);
  EXPECT_EQ(locate_checkpoint("org/name@v1.0"), first);
  EXPECT_EQ(locate_checkpoint("org/name@refs/pr/7"), first);
}

TEST_F(LocateCheckpoint, NamesEveryPlaceSearchedAndTheWayToFetch) {
  set("HF_HUB_CACHE", folder_ / "cache");
  set("HOME", folder_ / "home");
  const std::string cache = folder_ / "cache/models--org--name";
  const std::string home = folder_ / "home/.cache/huggingface/hub/models--org--name";
  EXPECT_TRUE(refuses("org/name", {"org/name is not on this machine", "./org/name", cache, home,
                                   "hf download org/name"}));
  EXPECT_TRUE(refuses("org/name@v2", {"at revision v2", "hf download org/name --revision v2"}));
}

TEST_F(LocateCheckpoint, NamesTheRevisionsThatAreThere) {
  set("HF_HUB_CACHE", folder_ / "cache");
  write_repository(folder_ / "cache", "1111");
  EXPECT_TRUE(refuses("org/name@other", {"at revision other", "revisions there: 1111"}));
}

TEST_F(LocateCheckpoint, SaysWhenASnapshotIsIncomplete) {
  set("HF_HUB_CACHE", folder_ / "cache");
  fs::remove(write_repository(folder_ / "cache", "1111") / "config.json");
  EXPECT_TRUE(refuses("org/name", {"snapshots/1111: has no config.json"}));
}

TEST_F(LocateCheckpoint, RefusesAReferenceThatLeadsElsewhere) {
  set("HF_HUB_CACHE", folder_ / "cache");
  write_repository(folder_ / "cache", "1111");
  folder_.write("elsewhere/config.json", "{}");
  folder_.write("cache/models--org--name/refs/main", "../../../elsewhere");
  EXPECT_TRUE(refuses("org/name", {"refs/main", "must be the name of a snapshot"}));
  folder_.write("cache/models--org--name/refs/main", std::string(1000, 'x'));
  EXPECT_TRUE(refuses("org/name", {"refs/main", "at most 256"}));
}

}  // namespace
}  // namespace unmask
