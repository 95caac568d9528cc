// What a batch's fingerprint holds.
#include "batch/made_with.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "batch/fingerprint.h"
#include "cli/command.h"
#include "cli/process.h"

namespace unmask {
namespace {

/// A value that the llada fixture takes and that no setting has by itself.
std::string other_value(const std::string& name, const std::vector<std::string>& choices) {
  static const std::map<std::string, std::string> kValues = {
      {"system", "Be kind."}, {"chat", "qwen3"}, {"preset", "sdar"}, {"stop", "END"},
      {"deadline", "2s"},     {"model", "x"},    {"max-line", "1K"}, {"template-arg", "x=1"}};
  if (const auto known = kValues.find(name); known != kValues.end()) return known->second;
  return choices.empty() ? "7" : choices.back();
}

class MadeWith : public ::testing::Test {
 protected:
  MadeWith() {
    Settings settings;
    settings.model.model = testing::model_folder("llada");
    setup_ = make_setup(settings, Prompts::any);
  }

  OrderedJson made_with(const BatchJob& job) const { return fingerprint(job, *setup_, 1, {}); }

  /// What setting it changes: "" where nothing.
  template <class Of>
  std::string change(const Setting<Of>& setting, Of BatchJob::*typed) const {
    BatchJob job;
    setting.access.set(job.*typed, other_value(setting.name, setting.choices));
    return differences(made_with({}), made_with(job));
  }

  /// Every setting says whether it decides, and the fingerprint follows.
  template <class Of>
  void expect_classified(std::span<const Setting<Of>> table, Of BatchJob::*typed) const {
    for (const Setting<Of>& setting : table) {
      EXPECT_NE(setting.decides, Decides::unsaid) << setting.name << " is not classified";
      const std::string changed = change(setting, typed);
      if (setting.decides == Decides::answer) {
        EXPECT_TRUE(changed.starts_with(setting.name + " was ") ||
                    changed.find("\n  " + setting.name + " was ") != std::string::npos)
            << setting.name << ": " << changed;
      } else if (setting.decides == Decides::nothing) {
        EXPECT_EQ(changed, "") << setting.name;
      }
    }
  }

  std::shared_ptr<const unmask::Setup> setup_;
};

TEST_F(MadeWith, HoldsEverySettingThatDecidesAnAnswer) {
  expect_classified(settings(), &BatchJob::settings);
  expect_classified(batch_settings(), &BatchJob::options);
}

TEST_F(MadeWith, HoldsWhatTheResolvedSettingsComeTo) {
  const OrderedJson json = made_with({});
  std::set<std::string> resolved;
  for (const Setting<Settings>& setting : settings()) {
    if (setting.decides == Decides::resolved) resolved.insert(setting.name);
  }
  EXPECT_EQ(resolved, (std::set<std::string>{"end-ids", "family", "mask-id", "model", "seed"}))
      << "the fingerprint must hold what another one comes to";
  EXPECT_EQ(json["model"], setup_->checkpoint->path().native());
  EXPECT_EQ(json["family"], "llada");
  EXPECT_EQ(json["mask_id"], setup_->facts.mask_id);
  EXPECT_EQ(json["seed"], 1);
  EXPECT_EQ(json["options"]["end-ids"], setup_->facts.end_ids);
}

// A line may bring a preset of its own, over which what was typed for the run holds.
TEST_F(MadeWith, HoldsDecodingOptionsAsTypedThoughTheyAreTheDefault) {
  BatchJob job;
  job.settings.run.type("order", "confidence");
  EXPECT_EQ(differences(made_with({}), made_with(job)),
            "typed.order was absent, is \"confidence\"");
}

TEST_F(MadeWith, HoldsNamesInsteadOfNumbers) {
  BatchJob job;
  job.settings.prompt.truncate = Truncate::right;
  job.settings.machine.dtype = ComputeType::bf16;
  const std::string changed = differences(made_with({}), made_with(job));
  EXPECT_NE(changed.find("truncate was absent, is \"right\""), std::string::npos) << changed;
  EXPECT_NE(changed.find("dtype was \"auto\", is \"bf16\""), std::string::npos) << changed;
}

// A flag that is in neither table decides nothing: it is about the terminal or the program.
TEST_F(MadeWith, EveryFlagOfABatchIsInATableOrDecidesNothing) {
  std::set<std::string> known = {"output", "color", "quiet", "verbose", "help", "-h", "version"};
  for (const auto& setting : settings()) known.insert(setting.name);
  for (const auto& setting : batch_settings()) known.insert(setting.name);
  for (const OptionSpec& spec : option_specs()) {
    known.insert(std::string(spec.name));
    known.insert("no-" + std::string(spec.name));
  }
  for (const Flag* flag : flags_of(*find_command("batch"))) {
    const std::string name = flag->name.empty() ? flag->typed() : flag->name;
    EXPECT_TRUE(known.contains(name)) << name << " may decide an answer: make it a setting";
  }
}

}  // namespace
}  // namespace unmask
