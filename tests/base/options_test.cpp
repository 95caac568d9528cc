#include "unmask/options.h"

#include <gtest/gtest.h>

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
  for (const auto& [name, value] :
       std::vector<std::pair<const char*, const char*>>{{"length", "7"},
                                                        {"block", "3"},
                                                        {"steps", "9"},
                                                        {"order", "margin"},
                                                        {"schedule", "dream:0.25"},
                                                        {"commit", "bernoulli"},
                                                        {"temperature", "0.5"},
                                                        {"top-k", "4"},
                                                        {"top-p", "0.75"},
                                                        {"sampler", "categorical"},
                                                        {"order-temperature", "2"},
                                                        {"guidance", "1.5"},
                                                        {"no-end", "on"},
                                                        {"end-last", "on"},
                                                        {"early-stop", "off"}}) {
    set_option(options, name, value);
  }
  EXPECT_EQ(options.length, 7);
  EXPECT_EQ(options.block, 3);
  EXPECT_EQ(options.steps, 9);
  EXPECT_EQ(to_string(options.order), "margin");
  EXPECT_EQ(schedule_text(options), "dream:0.25");
  EXPECT_EQ(to_string(options.commit), "bernoulli");
  EXPECT_EQ(options.temperature, 0.5);
  EXPECT_EQ(options.top_k, 4);
  EXPECT_EQ(options.top_p, 0.75);
  EXPECT_EQ(to_string(options.sampler), "categorical");
  EXPECT_EQ(options.order_temperature, 2);
  EXPECT_EQ(options.guidance, 1.5);
  EXPECT_TRUE(options.no_end && options.end_last && !options.early_stop);
}

TEST(SetOption, RefusesWhatIsOutOfRangeAndSaysWhatIsAllowed) {
  for (const auto& [name, value] : std::vector<std::pair<const char*, const char*>>{
           {"steps", "0"},          {"steps", "-1"},         {"steps", "1000000000"},
           {"steps", "2.5"},        {"steps", ""},           {"steps", " 3"},
           {"length", "-1"},        {"temperature", "-0.1"}, {"temperature", "nan"},
           {"temperature", "inf"},  {"temperature", "abc"},  {"temperature", "0,7"},
           {"top-p", "0"},          {"top-p", "1.01"},       {"top-k", "-1"},
           {"order", "best"},       {"schedule", "even:1"},  {"schedule", "dream:0"},
           {"early-stop", "maybe"}, {"guidance", "-1"}}) {
    const std::string message = refusal(name, value);
    EXPECT_NE(message.find("--" + std::string(name)), std::string::npos) << name << " " << value;
    const std::string_view number =
        std::string_view(value).substr(std::string_view(value).find(':') + 1);
    EXPECT_TRUE(message.find("'" + std::string(value) + "'") != std::string::npos ||
                message.find("'" + std::string(number) + "'") != std::string::npos)
        << message;
  }
  EXPECT_NE(refusal("order", "best").find("'entropy'"), std::string::npos);
  EXPECT_NE(refusal("nothing", "1").find("'nothing'"), std::string::npos);
}

}  // namespace
}  // namespace unmask
