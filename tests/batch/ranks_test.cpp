// What launchers say in the environment.
#include "batch/ranks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "unmask/error.h"

namespace unmask {
namespace {

using ::testing::HasSubstr;
using Kind = StoreOptions::Kind;
using Variables = std::map<std::string, std::string>;

Environment environment(const Variables& variables) {
  return [variables](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

Rank rank_in(const Variables& variables, bool arrays = false) {
  return find_rank(environment(variables), arrays);
}

StoreOptions place_in(const Variables& variables, const std::optional<std::string>& place = {}) {
  return meeting_place(environment(variables), rank_in(variables, place.has_value()), place,
                       "out.jsonl");
}

template <class Work>
Error error_of(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  return {ErrorCode::interrupted, "nothing was thrown"};
}

const Variables kSrun = {{"SLURM_JOB_ID", "4711"},
                         {"SLURM_STEP_ID", "2"},
                         {"SLURM_NTASKS", "8"},
                         {"SLURM_PROCID", "3"},
                         {"SLURM_STEP_NUM_TASKS", "4"}};
const Variables kOpenMpi = {{"OMPI_COMM_WORLD_RANK", "1"},
                            {"OMPI_COMM_WORLD_SIZE", "2"},
                            {"PMIX_NAMESPACE", "prterun-host@1"}};
const Variables kTorchrun = {{"RANK", "5"},
                             {"WORLD_SIZE", "6"},
                             {"MASTER_ADDR", "node1"},
                             {"MASTER_PORT", "29400"},
                             {"TORCHELASTIC_RUN_ID", "job"},
                             {"TORCHELASTIC_RESTART_COUNT", "1"}};
const Variables kArray = {{"SLURM_ARRAY_TASK_ID", "12"},
                          {"SLURM_ARRAY_TASK_MIN", "10"},
                          {"SLURM_ARRAY_TASK_MAX", "13"},
                          {"SLURM_ARRAY_TASK_COUNT", "4"}};

Variables with(Variables base, const Variables& more) {
  for (const auto& [name, value] : more) base[name] = value;
  return base;
}

void expect_rank(const Rank& found, int rank, int size) {
  EXPECT_EQ(found.rank, rank);
  EXPECT_EQ(found.size, size);
}

TEST(Ranks, ReadsWhatEachLauncherSays) {
  expect_rank(rank_in(kSrun), 3, 4);
  expect_rank(rank_in(kOpenMpi), 1, 2);
  expect_rank(rank_in({{"PMI_RANK", "0"}, {"PMI_SIZE", "7"}}), 0, 7);
  expect_rank(rank_in(kTorchrun), 5, 6);
  expect_rank(rank_in({{"JOB_COMPLETION_INDEX", "2"}, {"UNMASK_WORLD_SIZE", "3"}}), 2, 3);
  expect_rank(rank_in({{"UNMASK_RANK", "1"}, {"UNMASK_WORLD_SIZE", "3"}}), 1, 3);
}

TEST(Ranks, AProcessWithoutOthersIsAlone) {
  expect_rank(rank_in({}), 0, 1);
  expect_rank(rank_in({{"OMPI_COMM_WORLD_RANK", "0"}, {"OMPI_COMM_WORLD_SIZE", "1"}}), 0, 1);
  expect_rank(rank_in({{"RANK", "3"}, {"JOB_COMPLETION_INDEX", "2"}}), 0, 1);
}

TEST(Ranks, TheShellOfASlurmJobIsNoRank) {
  expect_rank(rank_in({{"SLURM_JOB_ID", "1"}, {"SLURM_NTASKS", "8"}, {"SLURM_PROCID", "0"}}), 0, 1);
}

TEST(Ranks, TheInnermostLauncherDecides) {
  expect_rank(rank_in(with(kSrun, kOpenMpi)), 1, 2);
  expect_rank(rank_in(with(kSrun, kTorchrun)), 5, 6);
  expect_rank(rank_in(with(kSrun, {{"WORLD_SIZE", "1"}, {"RANK", "0"}})), 3, 4);
}

TEST(Ranks, TheUserHasTheLastWord) {
  expect_rank(rank_in(with(kSrun, {{"UNMASK_WORLD_SIZE", "1"}})), 0, 1);
  expect_rank(rank_in(with(kSrun, {{"UNMASK_WORLD_SIZE", "2"}, {"UNMASK_RANK", "1"}})), 1, 2);
}

TEST(Ranks, AnArrayCountsOnlyWhenItIsToldWhereToMeet) {
  expect_rank(rank_in(kArray, false), 0, 1);
  expect_rank(rank_in(kArray, true), 2, 4);
  const Error gaps = error_of([] {
    rank_in(with(kArray, {{"SLURM_ARRAY_TASK_MAX", "19"}}), true);
  });
  EXPECT_EQ(gaps.code(), ErrorCode::usage);
  EXPECT_THAT(gaps.hint(), HasSubstr("--array=0-3"));
}

TEST(Ranks, RefusesWhatCannotBe) {
  const std::vector<Variables> impossible = {
      {{"RANK", "2"}, {"WORLD_SIZE", "2"}},     {{"RANK", "-1"}, {"WORLD_SIZE", "2"}},
      {{"RANK", "one"}, {"WORLD_SIZE", "2"}},   {{"RANK", "0"}, {"WORLD_SIZE", "2x"}},
      {{"PMI_RANK", "0"}, {"PMI_SIZE", "0"}},   {{"OMPI_COMM_WORLD_SIZE", "2"}},
      {{"RANK", "0"}, {"WORLD_SIZE", "1e999"}}, {{"UNMASK_WORLD_SIZE", "2"}},
  };
  for (const Variables& variables : impossible) {
    const Error error = error_of([&] { rank_in(variables); });
    EXPECT_EQ(error.code(), ErrorCode::usage) << variables.begin()->first;
    EXPECT_FALSE(error.hint().empty());
  }
}

TEST(MeetingPlace, IsAFileBesideTheOutputThatOtherRunsDoNotHave) {
  const StoreOptions srun = place_in(kSrun);
  EXPECT_EQ(srun.kind, Kind::file);
  EXPECT_EQ(srun.path, "out.jsonl.store-4711.2");
  EXPECT_EQ(srun.rank, 3);
  EXPECT_EQ(srun.world_size, 4);
  EXPECT_EQ(place_in(with(kSrun, {{"SLURM_RESTART_COUNT", "1"}})).path, "out.jsonl.store-4711.2.1");
  EXPECT_EQ(place_in(kOpenMpi).path, "out.jsonl.store-prterun_host_1");
}

TEST(MeetingPlace, IsWhereTorchrunSays) {
  const StoreOptions here = place_in(kTorchrun);
  EXPECT_EQ(here.kind, Kind::tcp);
  EXPECT_EQ(here.host, "node1");
  EXPECT_EQ(here.port, 29400);
  EXPECT_FALSE(here.hosted);
  EXPECT_TRUE(place_in(with(kTorchrun, {{"TORCHELASTIC_USE_AGENT_STORE", "True"}})).hosted)
      << "torchrun itself listens at that port";
}

TEST(MeetingPlace, CanBeGiven) {
  const auto given = [](const char* place) { return place_in(kSrun, place); };
  EXPECT_EQ(given("node7:1234").kind, Kind::tcp);
  EXPECT_EQ(given("node7:1234").host, "node7");
  EXPECT_EQ(given("[fe80::1]:1234").host, "fe80::1");
  EXPECT_EQ(given("[fe80::1]:1234").port, 1234);
  for (const char* file : {"meet", "./meet:1234", "/shared/a:b", "meet:12x"}) {
    EXPECT_EQ(given(file).kind, Kind::file) << file;
    EXPECT_EQ(given(file).path, file);
  }
}

TEST(MeetingPlace, MustBeGivenWhereTheRunHasNoName) {
  const Error error = error_of([] { place_in({{"PMI_RANK", "0"}, {"PMI_SIZE", "2"}}); });
  EXPECT_EQ(error.code(), ErrorCode::usage);
  EXPECT_THAT(error.what(), HasSubstr("2 processes"));
  EXPECT_THAT(error.hint(), HasSubstr("--store"));
}

}  // namespace
}  // namespace unmask
