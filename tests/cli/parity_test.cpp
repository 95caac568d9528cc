// The deterministic generate cases of the fixtures, from the command line. What is which flag is in
// docs/parity.md.
#include <gtest/gtest.h>

#include <cstring>

#include "base/json.h"
#include "base/testing.h"
#include "checkpoint/safetensors.h"
#include "cli/process.h"

namespace unmask {
namespace {

using Canvas = std::vector<int>;
using Words = std::vector<std::string>;

std::string joined(const Canvas& ids) {
  std::string text;
  for (const int id : ids) text += std::to_string(id) + " ";
  return text;
}

/// Adds the flag of each parameter that the case has; unknown parameters fail the test.
Words flags_of(const Json& example) {
  static const std::map<std::string, std::string> kNumbers = {
      {"gen_length", "--length"},      {"block_length", "--block"}, {"steps", "--steps"},
      {"cfg_scale", "--guidance"},     {"top_p", "--top-p"},        {"top_k", "--top-k"},
      {"temperature", "--temperature"}};
  static const std::map<std::string, std::string> kAlgorithms = {
      {"maskgit_plus", "confidence"}, {"topk_margin", "margin"}, {"entropy", "entropy"}};
  Words flags = {"--preset", example["algorithm"]};
  for (const auto& [name, value] : example["params"].items()) {
    if (kNumbers.contains(name)) {
      flags.insert(flags.end(), {kNumbers.at(name), value.dump()});
    } else if (name == "remasking") {
      flags.insert(flags.end(), {"--order", value == "random" ? "random" : "confidence"});
    } else if (name == "alg" && value == "origin") {
      flags.insert(flags.end(), {"--commit", "bernoulli"});
    } else if (name == "alg") {
      flags.insert(flags.end(), {"--order", kAlgorithms.at(value), "--commit", "quota"});
    } else if (name == "eps") {
      flags.insert(flags.end(), {"--schedule", "dream:" + value.dump()});
    } else if (name == "logits_eos_inf") {
      flags.push_back("--no-end");
    } else if (name == "confidence_eos_eot_inf") {
      flags.insert(flags.end(),
                   {"--end-last", "--end-ids", joined({example["eos_id"], example["eot_id"]})});
    } else {
      ADD_FAILURE() << "no flag for " << name;
    }
  }
  return flags;
}

/// A row of a [steps, batch, tokens] tensor, without left padding, repeated states dropped.
std::vector<Canvas> golden_states(const TensorView& trajectory, std::size_t row,
                                  std::size_t padding) {
  const auto steps = static_cast<std::size_t>(trajectory.shape[0]);
  const auto batch = static_cast<std::size_t>(trajectory.shape[1]);
  const auto tokens = static_cast<std::size_t>(trajectory.shape[2]);
  std::vector<Canvas> states;
  for (std::size_t step = 0; step < steps; ++step) {
    Canvas state;
    for (std::size_t i = padding; i < tokens; ++i) {
      std::int64_t id = 0;
      std::memcpy(&id, trajectory.bytes.data() + ((step * batch + row) * tokens + i) * sizeof id,
                  sizeof id);
      state.push_back(static_cast<int>(id));
    }
    if (states.empty() || states.back() != state) states.push_back(state);
  }
  return states;
}

/// The header of a trace, checked, and the states of its steps.
std::vector<Canvas> traced_states(const std::filesystem::path& path, const Canvas& prompt,
                                  const Json& example) {
  std::istringstream lines(testing::content_of(path));
  std::string line;
  std::getline(lines, line);
  const Json header = parse_json(line, "trace");
  EXPECT_EQ(header["schema"], 1);
  EXPECT_EQ(header["mask_id"], example["mask_id"]);
  EXPECT_EQ(header["prompt_ids"], Json(prompt));
  EXPECT_EQ(header["length"], example["params"]["gen_length"]);
  std::vector<Canvas> states;
  while (std::getline(lines, line)) {
    const Json step = parse_json(line, "trace");
    EXPECT_EQ(step["committed"].size(), step["confidence"].size());
    states.push_back(step["ids"].get<Canvas>());
  }
  return states;
}

/// The reference's first states may be the untouched canvas: nothing to trace.
void drop_untouched(std::vector<Canvas>& states, const Canvas& prompt, int mask_id) {
  Canvas untouched = states.front();
  std::fill(untouched.begin() + std::ssize(prompt), untouched.end(), mask_id);
  std::copy(prompt.begin(), prompt.end(), untouched.begin());
  if (states.front() == untouched) states.erase(states.begin());
}

void check_row(const std::string& fixture, const Json& example, std::size_t row,
               const SafetensorsFile& goldens) {
  const Canvas padded = example["prompt_ids"][row];
  std::size_t padding = 0;
  if (!example["attention_mask"].is_null()) {
    const Canvas mask = example["attention_mask"][row];
    padding = static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 0));
  }
  const Canvas prompt(padded.begin() + static_cast<std::ptrdiff_t>(padding), padded.end());
  const testing::TemporaryFolder folder;
  const std::filesystem::path trace = folder / "trace.jsonl";

  Words arguments = {"-m",
                     testing::model_folder(fixture),
                     "--ids",
                     joined(prompt),
                     "--json",
                     "--trace",
                     trace,
                     "-t",
                     "1",
                     "--mask-id",
                     example["mask_id"].dump()};
  const Words flags = flags_of(example);
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  const testing::Finished finished = testing::unmask(arguments);
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = parse_json(finished.out, "result");

  const Canvas output = example["output_ids"][row];
  EXPECT_EQ(result["canvas"].get<Canvas>(),
            Canvas(output.begin() + static_cast<std::ptrdiff_t>(padding), output.end()));
  EXPECT_LE(result["forwards"], example["num_model_calls"]);
  const std::string name = example["trajectory"];
  std::vector<Canvas> golden = golden_states(goldens.tensors().at(name), row, padding);
  drop_untouched(golden, prompt, example["mask_id"]);
  EXPECT_EQ(traced_states(trace, prompt, example), golden);
}

class Parity : public ::testing::TestWithParam<const char*> {};

TEST_P(Parity, CommandLineGivesTheReferencesStepsAndTokens) {
  if (!testing::engine_is_built()) GTEST_SKIP() << "built without the engine";
  const std::string fixture = GetParam();
  const std::filesystem::path folder = std::filesystem::path(UNMASK_FIXTURES) / fixture;
  const Json cases = parse_json(testing::content_of(folder / "cases.json"), "cases.json");
  const SafetensorsFile goldens(folder / "goldens.safetensors");
  int checked = 0;
  for (const Json& example : cases["generate"]) {
    if (example["algorithm"] != "llada" && example["algorithm"] != "dream") continue;
    for (std::size_t row = 0; row < example["prompt_ids"].size(); ++row) {
      SCOPED_TRACE(fixture + " " + example["name"].get<std::string>() + " row " +
                   std::to_string(row));
      check_row(fixture, example, row, goldens);
      ++checked;
    }
  }
  EXPECT_GT(checked, 0);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, Parity,
                         ::testing::Values("llada", "llada_tied", "llada_bf16", "dream",
                                           "dream_tied"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace unmask
