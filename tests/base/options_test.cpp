#include "unmask/options.h"

#include <gtest/gtest.h>

#include <map>

#include "unmask/error.h"

namespace unmask {
namespace {

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
  options.suppress_order = {9};
  std::size_t set = 0;
  for (const auto& [name, value] :
       std::vector<std::pair<const char*, const char*>>{{"length", "7"},
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
                                                        {"suppress-order", ""},
                                                        {"no-end", "on"},
                                                        {"end-last", "on"},
                                                        {"early-stop", "off"},
                                                        {"converged", "9,6.5,0"},
                                                        {"stop-after-block", "on"}}) {
    set_option(options, name, value);
    ++set;
  }
  EXPECT_EQ(set, option_specs().size());
  EXPECT_EQ(options.length, 7);
  EXPECT_EQ(options.block, 3);
  EXPECT_EQ(to_string(options.grid), "absolute");
  EXPECT_EQ(options.sub_block, 2);
  EXPECT_EQ(to_string(options.attention), "block");
  EXPECT_EQ(options.steps, 9);
  EXPECT_EQ(to_string(options.steps_per), "block");
  EXPECT_EQ(to_string(options.order), "margin");
  EXPECT_EQ(schedule_text(options), "dream:0.25");
  EXPECT_EQ(commit_text(options), "threshold:0.5,6");
  EXPECT_EQ(revise_text(options), "edit:0.25,8");
  EXPECT_EQ(options.post_steps, 8);
  EXPECT_EQ(cache_text(options), "sub-block");
  EXPECT_EQ(options.temperature, 0.5);
  EXPECT_EQ(options.top_k, 4);
  EXPECT_EQ(options.top_p, 0.75);
  EXPECT_EQ(to_string(options.sampler), "categorical");
  EXPECT_EQ(options.order_temperature, 2);
  EXPECT_EQ(options.guidance, 1.5);
  EXPECT_EQ(options.guidance_keep, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(options.suppress, (std::vector<int>{4}));
  EXPECT_TRUE(options.suppress_order.empty());
  EXPECT_TRUE(options.no_end && options.end_last && !options.early_stop);
  EXPECT_EQ(converged_text(options), "9,6.5,0");
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
  const std::vector<std::pair<const char*, std::string (*)(const DecodeOptions&)>> kTexts = {
      {"schedule", schedule_text},
      {"commit", commit_text},
      {"revise", revise_text},
      {"cache", cache_text}};
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
  for (const auto& [name, text] : kTexts) {
    for (const char* value : values.at(name)) {
      DecodeOptions options;
      set_option(options, name, value);
      EXPECT_EQ(text(options), value);
    }
  }
  DecodeOptions options;
  set_option(options, "commit", "threshold:0.5,quota");
  EXPECT_EQ(commit_text(options), "dynamic:0.5");
  set_option(options, "commit", "credit");
  EXPECT_EQ(commit_text(options), "credit:0.9");
  set_option(options, "commit", "threshold:0.5");
  EXPECT_EQ(commit_text(options), "threshold:0.5,1");
  set_option(options, "revise", "remdm-loop:0.02");
  EXPECT_EQ(revise_text(options), "remdm-loop:0.02,0.55,0.05,0.9");
  set_option(options, "converged", "on");
  EXPECT_EQ(converged_text(options), "7.5,5,2.5");
  set_option(options, "converged", "off");
  EXPECT_EQ(converged_text(options), "off");
  set_option(options, "cache", "delayed");
  EXPECT_EQ(cache_text(options), "delayed:8");
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
  EXPECT_NE(clash({{"first-alone", "on"}, {"revise", "p2"}}).find("--first-alone"),
            std::string::npos);
  EXPECT_NE(clash({{"block", "8"}, {"sub-block", "3"}}).find("8 tokens"), std::string::npos);
  EXPECT_NE(clash({{"block", "8"}, {"sub-block", "4"}}).find("multiples"), std::string::npos);
}

}  // namespace
}  // namespace unmask
