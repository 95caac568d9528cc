#include "session/plan.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/testing.h"
#include "cli/process.h"
#include "rules/cards.h"
#include "session/planned.h"
#include "session/result.h"
#include "unmask/error.h"

namespace unmask {
namespace {

using Words = std::vector<std::string>;

Plan plan_of(Words arguments) {
  arguments.push_back("--no-stdin");
  return testing::planned(arguments);
}

/// A copy of Dream's fixture whose generation_config.json asks for these options.
std::string dream_with(const testing::TemporaryFolder& folder, const std::string& generation) {
  std::filesystem::copy(testing::model_folder("dream"), folder / "model");
  folder.write("model/generation_config.json", generation);
  return folder / "model";
}

TEST(Plan, FlagIsStrongerThanPresetThanCheckpointThanFamily) {
  const testing::TemporaryFolder folder;
  const std::string model =
      dream_with(folder, R"({"max_new_tokens": 10, "steps": 5, "alg": "entropy"})");
  const Words base = {"-m", model, "--ids", "1 2 3"};

  const auto options_with = [&](const Words& more) {
    Words arguments = base;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return plan_of(arguments).options;
  };
  const DecodeOptions checkpoint = options_with({});
  EXPECT_EQ(checkpoint.steps, 5);
  EXPECT_EQ(checkpoint.order, Order::entropy);
  EXPECT_EQ(checkpoint.commit.name(), "quota");
  const DecodeOptions reference = options_with({"--preset", "reference"});
  EXPECT_EQ(reference.commit.name(), "bernoulli") << "the checkpoint is left out";
  const DecodeOptions flag = options_with({"--order", "margin", "--preset", "reference"});
  EXPECT_EQ(flag.order, Order::margin);
  EXPECT_EQ(flag.commit.name(), "bernoulli") << "flags change parts of a preset";
}

TEST(Plan, HolesHaveTheOptionsThatTheCheckpointKeepsForThem) {
  const testing::TemporaryFolder folder;
  const std::string model =
      dream_with(folder, R"({"block_length": 4, "unmask": {"defaults": {"attention": "block"},
                  "holes": {"attention": "full"}, "presets": {"left": {"order": "left"}}}})");
  const auto attention_of = [&](const std::string& ids, const Words& more) {
    Words arguments = {"-m", model, "--ids", ids};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return plan_of(arguments).options.attention;
  };
  EXPECT_EQ(attention_of("1 2 3", {}), AttentionKind::block);
  EXPECT_EQ(attention_of("1 309 3", {}), AttentionKind::full);
  EXPECT_EQ(attention_of("1 309 3", {"--preset", "left"}), AttentionKind::full);
  EXPECT_EQ(attention_of("1 309 3", {"--preset", "sdar"}), AttentionKind::block)
      << "a preset that every model has stays what it is";
  EXPECT_EQ(attention_of("1 309 3", {"--attention", "block"}), AttentionKind::block);
}

TEST(Plan, StepsNobodyAskedForFollowTheLength) {
  const testing::TemporaryFolder folder;
  const std::string model = dream_with(folder, R"({"max_new_tokens": 32, "steps": 8})");
  EXPECT_EQ(plan_of({"-m", model, "--ids", "1", "-n", "16"}).options.steps, 4);
  EXPECT_EQ(plan_of({"-m", model, "--ids", "1", "-n", "16", "-s", "16"}).options.steps, 16);
  EXPECT_EQ(plan_of({"-m", model, "--ids", "1", "-n", "1"}).options.steps, 1);
}

TEST(Plan, StepsOfABlockDoNotFollowTheLength) {
  const std::string model = testing::model_folder("llada2");
  EXPECT_EQ(plan_of({"-m", model, "--ids", "1", "-n", "16"}).options.steps, 32);
}

TEST(Plan, BlocksThatAreWrittenWholeMustFitTheContext) {
  const std::string model = testing::model_folder("llada2");  // takes 128 tokens
  const Words base = {"-m", model, "--ids", "1 2 3 4 5"};
  const auto length_with = [&](const Words& more) {
    Words arguments = base;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return plan_of(arguments).options.length;
  };
  EXPECT_EQ(length_with({}), 123);
  EXPECT_EQ(length_with({"--block", "48"}), 91);  // 96 tokens are two blocks
  EXPECT_EQ(length_with({"--block", "48", "-n", "91"}), 91);
  EXPECT_TRUE(testing::fails_with(ErrorCode::resource, {"144 with whole blocks of 48", "128"}, [&] {
    length_with({"--block", "48", "-n", "92"});
  }));
}

TEST(Plan, RefusesOptionsThatContradictEachOther) {
  const std::string model = testing::model_folder("llada");
  EXPECT_TRUE(testing::fails_with(ErrorCode::usage, {"--cache block", "--cache none"}, [&] {
    plan_of({"-m", model, "x", "--cache", "block"});
  }));
  EXPECT_TRUE(testing::fails_with(ErrorCode::usage, {"no number of steps", "--steps"}, [&] {
    plan_of({"-m", testing::model_folder("fast_dllm_v2"), "--ids", "1", "--steps", "8"});
  }));
}

TEST(Plan, ShiftIsHandedToTheEngine) {
  const std::string model = testing::model_folder("llada");
  EXPECT_FALSE(plan_of({"-m", model, "x"}).setup->engine.logit_shift.has_value());
  EXPECT_EQ(plan_of({"-m", model, "x", "--shift", "on"}).setup->engine.logit_shift, true);
  EXPECT_EQ(plan_of({"-m", model, "x", "--shift", "off"}).setup->engine.logit_shift, false);
}

TEST(Plan, EarlyStopIsOffForIdsUnlessAskedFor) {
  const std::string model = testing::model_folder("llada");
  EXPECT_TRUE(plan_of({"-m", model, "--raw", "x"}).options.early_stop);
  EXPECT_FALSE(plan_of({"-m", model, "--ids", "1"}).options.early_stop);
  EXPECT_TRUE(plan_of({"-m", model, "--ids", "1", "--early-stop"}).options.early_stop);
}

TEST(Plan, MaskIdsAmongIdsAreOpenAlsoWhereTheyWereOverridden) {
  const std::string model = testing::model_folder("llada");
  const auto canvas = [&](const Words& more) {
    Words arguments = {"-m", model};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return plan_of(arguments).canvas;
  };
  using Canvas = std::vector<Segment>;
  EXPECT_EQ(canvas({"--ids", "305 1 305"}),
            (Canvas{Segment::open(1), Segment::given({1}), Segment::open(1)}));
  EXPECT_EQ(canvas({"--ids", "305 1 1 305", "--mask-id", "1"}),
            (Canvas{Segment::given({305}), Segment::open(2), Segment::given({305})}));
}

TEST(Plan, EndIdsReplaceAllOthers) {
  const std::string model = testing::model_folder("llada");
  EXPECT_EQ(plan_of({"-m", model, "x"}).options.end_ids, (std::vector{301, 312}));
  EXPECT_EQ(plan_of({"-m", model, "x", "--end-ids", "7"}).options.end_ids, std::vector{7});
}

TEST(Plan, RefusesIdsThatTheModelLacks) {
  const std::string model = testing::model_folder("llada");
  for (const Words& bad : std::vector<Words>{
           {"--ids", "320"}, {"--ids", "1", "--mask-id", "320"}, {"x", "--end-ids", "320"}}) {
    Words arguments = bad;
    arguments.insert(arguments.end(), {"-m", model});
    EXPECT_TRUE(testing::fails_with(ErrorCode::usage, {"token id 320", "0 to 319"},
                                    [&] { plan_of(arguments); }));
  }
}

TEST(Plan, UnknownPresetAndFamilyAreNamed) {
  const std::string model = testing::model_folder("llada");
  EXPECT_TRUE(testing::fails_with(ErrorCode::usage, {"'fats'", "llada"}, [&] {
    plan_of({"-m", model, "x", "--preset", "fats"});
  }));
  EXPECT_THROW(plan_of({"-m", model, "x", "--family", "gpt"}), Error);
}

TEST(Result, OptionsReadBackAsTheyWere) {
  for (const char* model : {"llada2", "llada21", "sdar", "rnd1", "fast_dllm_v2", "mdlm", "bd3lm"}) {
    DecodeOptions options = plan_of({"-m", testing::model_folder(model), "--ids", "1", "--suppress",
                                     "3 4", "--guidance-keep", "5"})
                                .options;
    const OrderedJson json = options_json(options);
    DecodeOptions read;
    for (const auto& [name, value] : json.items()) {
      if (name == "end-ids") continue;  // a flag of its own
      std::string text = value.is_string() ? value.get<std::string>() : value.dump();
      if (value.is_boolean()) text = value ? "on" : "off";
      if (value.is_array()) text = text.substr(1, text.size() - 2);
      if (name == "steps" && value == 0) continue;  // as many as there are tokens
      set_option(read, name, text);
    }
    read.end_ids = options.end_ids;
    EXPECT_EQ(options_json(read), json) << model;
  }
}

TEST(Result, OptionsAreAllOfTheTable) {
  DecodeOptions options;
  set_option(options, "commit", "threshold:0.5");
  const OrderedJson json = options_json(options);
  for (const OptionSpec& spec : option_specs()) {
    EXPECT_TRUE(json.contains(spec.name) || spec.name == "min-commit") << spec.name;
  }
  DecodeOptions other = options;
  set_option(other, "min-commit", "2");
  EXPECT_NE(options_json(other)["commit"], json["commit"]);
  EXPECT_EQ(json["length"], 128);
  EXPECT_EQ(json["top-p"].dump(), "1.0");
  EXPECT_EQ(json["early-stop"], true);
  EXPECT_EQ(json["suppress"], OrderedJson::array());
  EXPECT_EQ(json["cache"], "auto");
}

TEST(Result, ReplacesStrayBytesInJson) {
  EXPECT_EQ(json_line({{"text", "a\xff\x1b"}}), "{\"text\":\"a\uFFFD\\u001b\"}\n");
}

}  // namespace
}  // namespace unmask
