#include "unmask/options.h"

#include <gtest/gtest.h>

#include <map>

#include "rules/cards.h"
#include "unmask/error.h"

namespace unmask {
namespace {

/// A value other than the default for every option.
const std::vector<std::pair<const char*, const char*>> kOther{
    {"length", "7"},
    {"block", "3"},
    {"block-grid", "absolute"},
    {"sub-block", "2"},
    {"attention", "block"},
    {"steps", "9"},
    {"steps-per", "block"},
    {"order", "margin"},
    {"schedule", "dream:0.25"},
    {"commit", "threshold:0.5"},
    {"min-commit", "6"},
    {"revise", "edit:0.25,8"},
    {"cache", "sub-block"},
    {"temperature", "0.5"},
    {"top-k", "4"},
    {"top-p", "0.75"},
    {"top-k-first", "on"},
    {"first-alone", "on"},
    {"fast-dllm-habits", "on"},
    {"sampler", "categorical"},
    {"order-temperature", "2"},
    {"guidance", "1.5"},
    {"guidance-keep", "1 2,3"},
    {"suppress", "4"},
    {"suppress-order", "5 6"},
    {"no-end", "on"},
    {"end-last", "on"},
    {"early-stop", "off"},
    {"converged", "9,6.5,0"},
    {"stop-after-block", "on"},
};

std::string refusal(std::string_view name, std::string_view value) {
  DecodeOptions options;
  try {
    set_option(options, name, value);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    return error.what();
  }
  return "";
}

TEST(SetOption, SetsEveryOptionOfTheRegistry) {
  DecodeOptions options;
  std::size_t set = 0;
  for (const auto& [name, value] : kOther) {
    set_option(options, name, value);
    ++set;
  }
  EXPECT_EQ(set, option_specs().size());
  EXPECT_EQ(options.length, 7);
  EXPECT_EQ(options.block, 3);
  EXPECT_EQ(option_text(options, "block-grid"), "absolute");
  EXPECT_EQ(options.sub_block, 2);
  EXPECT_EQ(option_text(options, "attention"), "block");
  EXPECT_EQ(options.steps, 9);
  EXPECT_EQ(option_text(options, "steps-per"), "block");
  EXPECT_EQ(option_text(options, "order"), "margin");
  EXPECT_EQ(option_text(options, "schedule"), "dream:0.25");
  EXPECT_EQ(option_text(options, "commit"), "threshold:0.5,6");
  EXPECT_EQ(option_text(options, "revise"), "edit:0.25,8");
  EXPECT_EQ(option_text(options, "cache"), "sub-block");
  EXPECT_EQ(options.temperature, 0.5);
  EXPECT_EQ(options.top_k, 4);
  EXPECT_EQ(options.top_p, 0.75);
  EXPECT_EQ(option_text(options, "sampler"), "categorical");
  EXPECT_EQ(options.order_temperature, 2);
  EXPECT_EQ(options.guidance, 1.5);
  EXPECT_EQ(options.guidance_keep, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(options.suppress, (std::vector<int>{4}));
  EXPECT_EQ(options.suppress_order, (std::vector<int>{5, 6}));
  EXPECT_TRUE(options.no_end && options.end_last && !options.early_stop);
  EXPECT_EQ(option_text(options, "converged"), "9,6.5,0");
  EXPECT_TRUE(options.top_k_first && options.stop_after_block);
}

TEST(SetOption, RefusesWhatIsOutOfRangeAndSaysWhatIsAllowed) {
  for (const auto& [name, value] :
       std::vector<std::pair<const char*, const char*>>{{"steps", "0"},
                                                        {"steps", "-1"},
                                                        {"steps", "1000000000"},
                                                        {"steps", "2.5"},
                                                        {"steps", ""},
                                                        {"steps", " 3"},
                                                        {"length", "-1"},
                                                        {"temperature", "-0.1"},
                                                        {"temperature", "nan"},
                                                        {"temperature", "inf"},
                                                        {"temperature", "abc"},
                                                        {"temperature", "0,7"},
                                                        {"top-p", "0"},
                                                        {"top-p", "1.01"},
                                                        {"top-k", "-1"},
                                                        {"order", "best"},
                                                        {"schedule", "even:1"},
                                                        {"schedule", "dream:0"},
                                                        {"early-stop", "maybe"},
                                                        {"guidance", "-1"},
                                                        {"block-grid", "left"},
                                                        {"schedule", "dllm"},
                                                        {"schedule", "dllm:x"},
                                                        {"schedule", "rnd1:1"},
                                                        {"schedule", "dream:"},
                                                        {"commit", "threshold"},
                                                        {"commit", "threshold:x"},
                                                        {"commit", "threshold:0.5,0"},
                                                        {"commit", "threshold:0.5,"},
                                                        {"commit", "dynamic:0.5,1"},
                                                        {"commit", "quota:1"},
                                                        {"commit", "entropy-sum"},
                                                        {"commit", "factor"},
                                                        {"commit", "klass:0.9"},
                                                        {"commit", "credit:"},
                                                        {"commit", "hierarchy:0.9,0.4,0.1"},
                                                        {"commit", "verify:0"},
                                                        {"commit", "verify:1.5"},
                                                        {"commit", "verify:65"},
                                                        {"revise", "wino:0.6"},
                                                        {"cache", "delayed:0"},
                                                        {"cache", "delayed:"},
                                                        {"cache", "delayed:8,4"},
                                                        {"cache", "dual:2"},
                                                        {"converged", "7.5"},
                                                        {"converged", "7.5,5,"},
                                                        {"converged", "7.5,-5,2.5"},
                                                        {"converged", ""},
                                                        {"revise", "edit:0.5"},
                                                        {"revise", "p2:1"},
                                                        {"revise", "remdm-cap"},
                                                        {"revise", "remdm-cap:1.5"},
                                                        {"revise", "remdm-loop:0.02,0.5"},
                                                        {"revise", "remdm-loop:0.1,0.2,0.3,0.4"},
                                                        {"revise", "remdm-loop:0.1,1,0.3,0.4"},
                                                        {"revise", "remdm-loop:0.1,0.5,0.3,1"},
                                                        {"suppress", "1 x"},
                                                        {"guidance-keep", "-1"},
                                                        {"attention", "causal"}}) {
    const std::string message = refusal(name, value);
    EXPECT_NE(message.find("--" + std::string(name)), std::string::npos) << name << " " << value;
    // The message quotes the value, or the part of it that is wrong.
    const auto quote = message.find('\'');
    const std::string quoted = message.substr(quote + 1, message.find('\'', quote + 1) - quote - 1);
    EXPECT_NE(std::string(value).find(quoted), std::string::npos) << message;
  }
  EXPECT_NE(refusal("order", "best").find("'entropy'"), std::string::npos);
  EXPECT_NE(refusal("nothing", "1").find("'nothing'"), std::string::npos);
}

TEST(SetOption, ReadsBackTheTextsOfRules) {
  const std::map<std::string, std::vector<const char*>> values = {
      {"schedule",
       {"even", "block", "dream:0.001", "dllm:linear", "dllm:cosine", "rnd1", "linear:1e-05",
        "loglinear:1e-05", "bd3lm"}},
      {"commit",
       {"quota", "threshold:0.95,3", "dynamic:0.85", "factor:1", "carry:0.5", "klass:0.9,0.01",
        "credit:0.9", "hierarchy:0.9,0.4", "verify:4", "entropy-sum:0.35", "entropy-bound:2",
        "binomial", "bernoulli", "ancestral", "analytic"}},
      {"revise",
       {"none", "edit:0.9,16", "wino:0.6,0.9", "p2", "remdm-cap:0.008", "remdm-rescale:0.015",
        "remdm-conf", "remdm-loop:0.02,0.5,0.25,0.75"}},
      {"cache", {"auto", "none", "block", "prefix", "dual", "sub-block", "delayed:4"}}};
  for (const auto& [name, texts] : values) {
    for (const char* value : texts) {
      DecodeOptions options;
      set_option(options, name, value);
      EXPECT_EQ(option_text(options, name), value);
    }
  }
  DecodeOptions options;
  set_option(options, "commit", "threshold:0.5,quota");
  EXPECT_EQ(option_text(options, "commit"), "dynamic:0.5");
  set_option(options, "commit", "credit");
  EXPECT_EQ(option_text(options, "commit"), "credit:0.9");
  set_option(options, "commit", "threshold:0.5");
  EXPECT_EQ(option_text(options, "commit"), "threshold:0.5,1");
  set_option(options, "revise", "remdm-loop:0.02");
  EXPECT_EQ(option_text(options, "revise"), "remdm-loop:0.02,0.55,0.05,0.9");
  set_option(options, "converged", "on");
  EXPECT_EQ(option_text(options, "converged"), "7.5,5,2.5");
  set_option(options, "converged", "off");
  EXPECT_EQ(option_text(options, "converged"), "off");
  set_option(options, "cache", "delayed");
  EXPECT_EQ(option_text(options, "cache"), "delayed:8");
}

TEST(SetOption, MinCommitIsTheFloorOfTheRulesThatHaveOne) {
  DecodeOptions options;
  set_option(options, "min-commit", "3");  // of none
  EXPECT_EQ(options, DecodeOptions());
  set_option(options, "commit", "threshold:0.5");
  set_option(options, "min-commit", "3");
  EXPECT_EQ(option_text(options, "commit"), "threshold:0.5,3");
  set_option(options, "min-commit", "0");
  EXPECT_EQ(option_text(options, "commit"), "dynamic:0.5");
  set_option(options, "min-commit", "2");
  EXPECT_EQ(option_text(options, "commit"), "threshold:0.5,2");
}

TEST(SetOption, ALastTimeStaysWhereOnlyTheNameOfAScheduleIsSaid) {
  DecodeOptions options;
  set_option(options, "schedule", "linear:1e-5");
  set_option(options, "schedule", "loglinear");
  EXPECT_EQ(option_text(options, "schedule"), "loglinear:1e-05");
  set_option(options, "schedule", "even");
  set_option(options, "schedule", "dream");
  EXPECT_EQ(option_text(options, "schedule"), "dream:0.001");
}

TEST(OptionSpecs, ReadTheirOwnTextsBack) {
  DecodeOptions changed;
  for (const auto& [name, value] : kOther) set_option(changed, name, value);
  for (const DecodeOptions& options : {DecodeOptions(), changed}) {
    DecodeOptions read = changed;
    for (const OptionSpec& spec : option_specs()) {
      if (spec.get == nullptr) continue;  // min-commit, which is in the text of commit
      const std::string text = spec.get(options);
      if (spec.name == "steps" && text == "0") continue;  // as many as there are tokens
      spec.set(read, text);
      EXPECT_EQ(spec.get(read), text) << spec.name;
    }
    if (options.steps == 0) read.steps = 0;
    read.converged_gaps = options.converged_gaps;  // unused where it is off
    EXPECT_EQ(read, options);
  }
}

TEST(OptionSpecs, EveryOptionChangesATextWhenItIsSet) {
  for (const auto& [name, value] : kOther) {
    DecodeOptions before;
    set_option(before, "commit", "threshold:0.25");
    DecodeOptions after = before;
    set_option(after, name, value);
    int changed = 0;
    for (const OptionSpec& spec : option_specs()) {
      if (spec.get != nullptr) changed += spec.get(after) != spec.get(before);
    }
    EXPECT_EQ(changed, 1) << name;
  }
}

TEST(OptionSpecs, TakeEachOfTheirChoices) {
  for (const OptionSpec& spec : option_specs()) {
    for (const std::string_view choice : spec.choices) {
      EXPECT_NE(spec.help.find(choice), std::string_view::npos) << spec.name << ' ' << choice;
      DecodeOptions options;
      try {
        spec.set(options, choice);
      } catch (const Error& error) {  // its parameters are missing
        EXPECT_NE(std::string(error.what()).find("of the form"), std::string::npos) << error.what();
      }
    }
  }
  EXPECT_FALSE(option_specs()[7].choices.empty());
}

TEST(RuleCards, NameOnlyRulesThatThereAre) {
  for (const CommitCard* card : cards<CommitCard>()) {
    EXPECT_EQ(card->make == nullptr, card->make_whole != nullptr) << card->rule.name;
    EXPECT_FALSE(card->has_floor && card->rule.parameters.empty());
    EXPECT_LE(card->rule.parameters.size(), 4U);
    if (card->rule.at_zero.empty()) continue;
    EXPECT_NE(find_card<CommitCard>(card->rule.at_zero), nullptr) << card->rule.name;
  }
  for (const ReviseCard* card : cards<ReviseCard>()) {
    if (card->goes_with.empty()) continue;
    EXPECT_NE(find_card<CommitCard>(card->goes_with), nullptr) << card->rule.name;
  }
  for (const ScheduleCard* card : cards<ScheduleCard>()) {
    EXPECT_EQ(card->make == nullptr, card->noise.has_value()) << card->rule.name;
  }
}

TEST(CanvasSize, EndsWithTheLastBlockOfAnAbsoluteGrid) {
  DecodeOptions options;
  options.length = 7;
  options.block = 4;
  EXPECT_EQ(canvas_size(options, 3), 10);
  options.grid = BlockGrid::absolute;
  EXPECT_EQ(canvas_size(options, 3), 12);
  EXPECT_EQ(canvas_size(options, 1), 8);
  options.length = 0;  // nothing is added
  EXPECT_EQ(canvas_size(options, 3), 3);
  options.length = 7;
  options.block = 0;
  EXPECT_EQ(canvas_size(options, 3), 10);
}

TEST(CanvasSize, MayEndWithTheFirstTokenOfABlockWhereBlocksHaveParts) {
  DecodeOptions options;
  options.grid = BlockGrid::absolute;
  options.block = 8;
  options.sub_block = 4;
  options.length = 6;
  EXPECT_EQ(canvas_size(options, 3), 9);
  EXPECT_EQ(canvas_size(options, 2), 8);
  EXPECT_EQ(canvas_size(options, 4), 16);
}

/// The refusal of options that are set in that order; "" when they fit.
std::string clash(const std::vector<std::pair<const char*, const char*>>& values) {
  DecodeOptions options;
  for (const auto& [name, value] : values) set_option(options, name, value);
  try {
    check_options(options);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_FALSE(error.hint().empty());
    return error.what();
  }
  return "";
}

TEST(CheckOptions, TakesWhatFits) {
  EXPECT_EQ(clash({}), "");
  EXPECT_EQ(clash({{"attention", "block"}, {"block", "4"}, {"cache", "block"}}), "");
  EXPECT_EQ(clash({{"commit", "ancestral"}, {"schedule", "linear"}, {"revise", "remdm-conf"}}), "");
  EXPECT_EQ(clash({{"commit", "threshold:0.9"}, {"revise", "edit:0.9,16"}}), "");
  EXPECT_EQ(clash({{"commit", "verify:4"}}), "");
  EXPECT_EQ(
      clash({{"commit", "verify:4"}, {"attention", "block"}, {"block", "4"}, {"cache", "none"}}),
      "");
  EXPECT_EQ(clash({{"revise", "wino:0.6,0.9"}}), "");
  EXPECT_EQ(clash({{"cache", "dual"}, {"block", "4"}, {"first-alone", "on"}}), "");
  EXPECT_EQ(clash({{"first-alone", "on"}}), "") << "the whole canvas is a block, too";
  EXPECT_EQ(clash({{"cache", "delayed:4"}, {"converged", "on"}, {"commit", "threshold:0.9"}}), "");
  EXPECT_EQ(clash({{"block-grid", "absolute"},
                   {"block", "8"},
                   {"sub-block", "4"},
                   {"commit", "threshold:0.9"},
                   {"cache", "sub-block"}}),
            "");
}

TEST(CheckOptions, NamesBothSidesOfAContradiction) {
  EXPECT_NE(clash({{"attention", "block"}}).find("block length"), std::string::npos);
  EXPECT_NE(clash({{"cache", "block"}}).find("--attention block"), std::string::npos);
  EXPECT_NE(clash({{"cache", "sub-block"}}).find("--cache sub-block"), std::string::npos);
  EXPECT_NE(clash({{"commit", "ancestral"}}).find("--schedule even"), std::string::npos);
  EXPECT_NE(clash({{"schedule", "bd3lm"}}).find("--commit quota"), std::string::npos);
  EXPECT_NE(clash({{"revise", "remdm-conf"}}).find("remdm-conf"), std::string::npos);
  EXPECT_NE(clash({{"revise", "edit:0.9,16"}}).find("--commit quota"), std::string::npos);
  EXPECT_NE(clash({{"revise", "p2"}, {"commit", "bernoulli"}}).find("bernoulli"),
            std::string::npos);
  EXPECT_NE(clash({{"revise", "edit:0.9,16"}, {"commit", "threshold:0.9"}, {"steps", "4"}})
                .find("no number of steps"),
            std::string::npos);
  EXPECT_NE(clash({{"commit", "verify:4"}, {"cache", "prefix"}}).find("--cache prefix"),
            std::string::npos);
  EXPECT_NE(
      clash({{"commit", "verify:4"}, {"attention", "block"}, {"block", "4"}}).find("--cache auto"),
      std::string::npos);
  EXPECT_NE(
      clash({{"commit", "verify:4"}, {"block", "4"}, {"first-alone", "on"}}).find("--first-alone"),
      std::string::npos);
  EXPECT_NE(clash({{"revise", "wino:0.6,0.9"}, {"attention", "block"}, {"block", "4"}})
                .find("--attention full"),
            std::string::npos);
  EXPECT_NE(
      clash({{"revise", "wino:0.6,0.9"}, {"cache", "dual"}, {"block", "4"}}).find("--cache dual"),
      std::string::npos);
  EXPECT_NE(clash({{"revise", "wino:0.6,0.9"}, {"commit", "threshold:0.9"}}).find("wino"),
            std::string::npos);
  EXPECT_NE(
      clash({{"cache", "dual"}, {"attention", "block"}, {"block", "4"}}).find("--attention full"),
      std::string::npos);
  EXPECT_NE(clash({{"cache", "delayed:4"}, {"attention", "block"}, {"block", "4"}})
                .find("--cache delayed:4"),
            std::string::npos);
  for (const auto& [name, value] : std::vector<std::pair<const char*, const char*>>{
           {"attention", "block"}, {"cache", "dual"}, {"revise", "p2"}, {"commit", "verify:4"}}) {
    const std::string message = clash({{"block", "4"}, {"converged", "on"}, {name, value}});
    EXPECT_NE(message.find("--converged"), std::string::npos) << message;
    EXPECT_NE(message.find(std::string(name) + " " + value), std::string::npos) << message;
  }
  EXPECT_NE(clash({{"commit", "ancestral"}, {"schedule", "bd3lm"}, {"revise", "remdm-conf"}})
                .find("never masks a token again"),
            std::string::npos);
  EXPECT_NE(clash({{"first-alone", "on"}, {"revise", "p2"}}).find("--first-alone"),
            std::string::npos);
  EXPECT_NE(clash({{"block", "8"}, {"sub-block", "3"}}).find("8 tokens"), std::string::npos);
  EXPECT_NE(clash({{"block", "8"}, {"sub-block", "4"}}).find("multiples"), std::string::npos);
}

}  // namespace
}  // namespace unmask
