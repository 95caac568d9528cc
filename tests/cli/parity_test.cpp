// Every deterministic generate case of the fixtures, from the command line. What is which flag is
// in docs/parity.md.
#include <gtest/gtest.h>

#include <map>

#include "base/json.h"
#include "base/testing.h"
#include "cli/process.h"
#include "references/fixtures.h"
#include "references/reference_cases.h"

namespace unmask {
namespace {

using testing::Ids;
using testing::ReferenceCase;
using testing::ReferenceRow;
using Words = std::vector<std::string>;

std::string joined(const Ids& ids) {
  std::string text;
  for (const int id : ids) text += std::to_string(id) + " ";
  return text;
}

/// The options of the case and the row as flags, each once.
Words option_flags(const ReferenceCase& reference, const ReferenceRow& row) {
  std::map<std::string, std::string> options(reference.options.begin(), reference.options.end());
  for (const auto& [name, value] : row.options) options[name] = value;
  Words flags;
  for (const auto& [name, value] : options) {
    if (value == "on" || value == "off") {
      flags.push_back((value == "on" ? "--" : "--no-") + name);
    } else {
      flags.insert(flags.end(), {"--" + name, value});
    }
  }
  return flags;
}

Words command_line(const std::string& fixture, const ReferenceCase& reference,
                   const ReferenceRow& row, const std::filesystem::path& trace) {
  Words words = {"-m",        testing::model_folder(fixture),
                 "--ids",     joined(row.prompt),
                 "--preset",  reference.preset,
                 "--mask-id", std::to_string(reference.mask_id),
                 "--end-ids", joined(reference.end_ids),
                 "--trace",   trace,
                 "--json",    "-t",
                 "1"};
  if (reference.logit_shift) {
    words.insert(words.end(), {"--shift", *reference.logit_shift ? "on" : "off"});
  }
  const Words options = option_flags(reference, row);
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

/// The header of a trace, checked, and the states of its steps.
std::vector<Ids> traced_states(const std::filesystem::path& path, const ReferenceCase& reference,
                               const ReferenceRow& row) {
  std::istringstream lines(testing::content_of(path));
  std::string line;
  std::getline(lines, line);
  const Json header = parse_json(line, "trace");
  EXPECT_EQ(header["schema"], 1);
  EXPECT_EQ(header["mask_id"], reference.mask_id);
  EXPECT_EQ(header["prompt_ids"], Json(row.prompt));
  std::vector<Ids> states;
  while (std::getline(lines, line)) {
    const Json step = parse_json(line, "trace");
    EXPECT_EQ(step["committed"].size(), step["confidence"].size());
    EXPECT_GT(step["committed"].size() + step["revised"].size(), 0U);
    states.push_back(step["ids"].get<Ids>());
  }
  return states;
}

/// The reference's answer ends with the end token, ours before it.
Ids without_end(Ids answer, const Ids& end_ids) {
  if (!answer.empty() && std::count(end_ids.begin(), end_ids.end(), answer.back()) > 0) {
    answer.pop_back();
  }
  return answer;
}

void check_row(const std::string& fixture, const ReferenceCase& reference,
               const ReferenceRow& row) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path trace = folder / "trace.jsonl";
  const testing::Finished finished = testing::unmask(command_line(fixture, reference, row, trace));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = parse_json(finished.out, "result");
  EXPECT_EQ(result["canvas"].get<Ids>(), row.canvas);
  EXPECT_LE(result["forwards"], reference.forwards);
  if (row.answer) {
    EXPECT_EQ(result["ids"].get<Ids>(), without_end(*row.answer, reference.end_ids));
  }
  EXPECT_EQ(traced_states(trace, reference, row), row.states);
}

class Parity : public ::testing::TestWithParam<std::string> {};

TEST_P(Parity, CommandLineGivesTheReferencesStepsAndTokens) {
  if (!testing::has_engine()) GTEST_SKIP() << "built without the engine (UNMASK_ENGINE=OFF)";
  int checked = 0;
  for (const ReferenceCase& reference : testing::reference_cases(GetParam())) {
    if (!reference.binding || reference.coupled) continue;
    for (const ReferenceRow& row : reference.rows) {
      SCOPED_TRACE(reference.name);
      check_row(GetParam(), reference, row);
      ++checked;
    }
  }
  EXPECT_GT(checked, 0);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, Parity, ::testing::ValuesIn(testing::deterministic_fixtures()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace unmask
