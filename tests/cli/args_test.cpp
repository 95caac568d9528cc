#include "cli/args.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/help.h"
#include "unmask/error.h"

namespace unmask {
namespace {

using Words = std::vector<std::string>;

Args parse(const Words& arguments) { return parse_args(arguments); }

/// "MESSAGE | HINT" of the error that these arguments are.
std::string problem(const Words& arguments) {
  try {
    parse_args(arguments);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    return std::string(error.what()) + " | " + error.hint();
  }
  return "none";
}

TEST(Args, TakesWordsBeforeBetweenAndAfterFlags) {
  const Args args = parse({"Once", "-n", "5", "upon", "--json", "a", "time"});
  EXPECT_EQ(args.command->name, "generate");
  EXPECT_EQ(args.words, (Words{"Once", "upon", "a", "time"}));
  EXPECT_TRUE(args.json);
  EXPECT_EQ(args.settings.run.typed("length"), "5");
}

TEST(Args, LeavesWordsAndValuesAsTheyWereTyped) {
  const Words odd = {"[INST] hi [/INST]", "[a,b]", "{}", "++", "+", "a=b", "'q'", "\"q\"", "", "%"};
  EXPECT_EQ(parse(odd).words, odd);
  for (const std::string& word : odd) EXPECT_EQ(parse({"-p", word}).prompt, word);
  EXPECT_EQ(parse({"-p", "-x"}).prompt, "-x");
  EXPECT_EQ(parse({"--prompt=[a,b]"}).prompt, "[a,b]");
  EXPECT_EQ(parse({"--prompt=", "word"}).prompt, "");
}

TEST(Args, FirstWordThatIsACommandIsTheCommand) {
  EXPECT_EQ(parse({"tokenize", "tokenize"}).words, Words{"tokenize"});
  EXPECT_EQ(parse({"-m", "DIR", "inspect"}).command->name, "inspect");
  EXPECT_EQ(parse({"Please", "inspect", "this"}).command->name, "generate");
}

TEST(Args, PromptThatIsACommandGoesAfterTwoDashes) {
  const Args args = parse({"--", "tokenize", "--json", "--", "x"});
  EXPECT_EQ(args.command->name, "generate");
  EXPECT_EQ(args.words, (Words{"tokenize", "--json", "--", "x"}));
  EXPECT_FALSE(args.json);
  EXPECT_EQ(parse({"generate", "--", "batch"}).words, Words{"batch"});
  EXPECT_EQ(parse({"generate", "batch"}).words, Words{"batch"});
}

TEST(Args, CommandsToComeAreNoPrompts) {
  EXPECT_EQ(problem({"chat", "hello"}),
            "the command 'chat' is not in this version | "
            "for a prompt that begins with this word: unmask -- chat ...");
}

TEST(Args, NegativeNumbersAreWordsAndValues) {
  EXPECT_EQ(parse({"minus", "-5", "degrees"}).words, (Words{"minus", "-5", "degrees"}));
  EXPECT_EQ(problem({"--seed", "-1", "x"}),
            "--seed is '-1'; it takes a whole number from 0 to 18446744073709551615 | ");
}

TEST(Args, SuggestsTheNearestFlag) {
  EXPECT_EQ(problem({"x", "--sed", "1"}), "there is no flag --sed | did you mean --seed?");
  EXPECT_EQ(problem({"--temp=0.5", "x"}), "there is no flag --temp | did you mean --temperature?");
  EXPECT_EQ(problem({"-seed", "5"}), "there is no flag -seed | did you mean --seed?");
  EXPECT_EQ(problem({"--xyzzyxyzzy"}),
            "there is no flag --xyzzyxyzzy | "
            "see unmask --help; a prompt that begins with - goes after --");
}

TEST(Args, RefusesARepeatedFlag) {
  EXPECT_EQ(problem({"-n", "1", "--length", "2"}), "--length is given 2 times | give it once");
  EXPECT_EQ(parse({"-f", "a", "-f", "b"}).files, (Words{"a", "b"}));
  EXPECT_EQ(parse({"-vv", "-v"}).verbose, 3);
}

TEST(Args, RefusesAMissingValueAndAValueThatIsTooMuch) {
  EXPECT_EQ(problem({"x", "--steps"}), "--steps needs a value: N | ");
  EXPECT_EQ(problem({"x", "-n"}), "-n needs a value: N | ");
  EXPECT_EQ(problem({"x", "-vn"}), "-n needs a value: N | ");
  EXPECT_EQ(problem({"--json=false"}), "--json takes no value | ");
}

TEST(Args, RefusesBadValuesBeforeAnythingIsRead) {
  for (const Words& bad : std::vector<Words>{
           {"--temperature=abc"}, {"--temperature", "-1"},   {"--temperature", "nan"},
           {"--steps", "0"},      {"--steps", "-3"},         {"--steps", "1000000000"},
           {"--length", "-1"},    {"--top-k", "-1"},         {"--top-p", "0"},
           {"--top-p", "1.5"},    {"--seed", "text"},        {"--seed", "18446744073709551616"},
           {"--num", "0"},        {"--threads", "-1"},       {"--threads", "10000"},
           {"--dtype", "f8"},     {"--device", "tpu"},       {"--truncate", "middle"},
           {"--order", "best"},   {"--ids", "1 x"},          {"--ids", "1 -2"},
           {"--max-input", "0"},  {"--max-input", "1 apple"}}) {
    EXPECT_NE(problem(bad).find(bad[0].substr(0, bad[0].find('='))), std::string::npos)
        << bad[0] << ": " << problem(bad);
  }
}

TEST(Args, AcceptsTheBorderValues) {
  EXPECT_EQ(parse({"--seed", "18446744073709551615"}).settings.run.seed, 18446744073709551615u);
  EXPECT_EQ(parse({"--max-input", "64MiB"}).max_input, 64u << 20);
  EXPECT_EQ(parse({"--ids", " 1, 2\n3 "}).ids.at(0), (std::vector{1, 2, 3}));
  EXPECT_EQ(parse({"-t0"}).settings.machine.threads, 0);
}

TEST(Args, SwitchesOfTheRegistryHaveANegation) {
  EXPECT_EQ(parse({"--early-stop"}).settings.run.typed("early-stop"), "on");
  EXPECT_EQ(parse({"--no-early-stop"}).settings.run.typed("early-stop"), "off");
  EXPECT_EQ(parse({"--no-end"}).settings.run.typed("no-end"), "on");
  EXPECT_EQ(problem({"--early-stop", "--no-early-stop"}),
            "both --early-stop and --no-early-stop are given | give one of them");
}

TEST(Args, RefusesAFlagOfAnotherCommand) {
  EXPECT_EQ(problem({"tokenize", "x", "--steps", "3"}),
            "--steps is not a flag of 'unmask tokenize' | see unmask tokenize --help");
}

TEST(Args, ADashAloneIsStandardInput) {
  EXPECT_TRUE(parse({"-"}).dash);
  EXPECT_FALSE(parse({"--", "-"}).dash);
}

TEST(Flags, HaveUniqueNamesAndAllButHiddenOnesHaveHelp) {
  std::vector<std::string> names;
  for (const Flag* flag : all_flags()) {
    names.push_back("--" + flag->name);
    if (!flag->letter.empty()) names.push_back("-" + flag->letter);
    EXPECT_NE(flag->help.empty(), flag->in_help) << flag->name;
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST(Flags, OfOneNameAreReadTheSameWayByEveryCommand) {
  for (const Flag* flag : all_flags()) {
    for (const Command& command : all_commands()) {
      const Flag* here =
          find_flag(command, flag->name.empty() ? std::string_view("-h") : flag->name);
      const bool is_switch = here != nullptr ? here->value.empty() : flag->value.empty();
      EXPECT_EQ(is_switch, flag->value.empty()) << flag->name;
    }
  }
}

TEST(Commands, HaveAllThatHelpAndCompletionsNeed) {
  const std::string overview = help_text(all_commands().front(), false);
  for (const Command& command : all_commands()) {
    EXPECT_EQ(find_command(command.name), &command);
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_TRUE(command.introduction.ends_with('\n')) << command.name;
    EXPECT_NE(overview.find(command.name), std::string::npos) << command.name;
    EXPECT_NE(find_flag(command, "-h"), nullptr) << command.name;
    std::vector<const Flag*> flags = flags_of(command);  // throws where one is not in the tables
    std::sort(flags.begin(), flags.end());
    EXPECT_EQ(std::adjacent_find(flags.begin(), flags.end()), flags.end()) << command.name;
  }
}

TEST(Commands, TakeEveryFlagOfTheTable) {
  for (const Flag& flag : shared_flags()) {
    const std::string name = flag.name.empty() ? flag.typed() : flag.name;
    const auto takes = [&](const Command& command) { return find_flag(command, name) != nullptr; };
    EXPECT_TRUE(std::ranges::any_of(all_commands(), takes)) << name;
  }
}

TEST(Commands, KeepTheirOwnFlagsToThemselves) {
  const Args args = parse({"x", "--trace", "steps", "--stats"});
  EXPECT_EQ(args.value_of("trace"), "steps");
  EXPECT_TRUE(args.has("stats"));
  EXPECT_FALSE(args.has("dry-run"));
  EXPECT_EQ(problem({"inspect", "--stats"}),
            "--stats is not a flag of 'unmask inspect' | see unmask inspect --help");
}

}  // namespace
}  // namespace unmask
