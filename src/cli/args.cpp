#include "cli/args.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cctype>

#include "base/utf8.h"
#include "cli/command.h"
#include "cli/suggest.h"
#include "unmask/error.h"

namespace unmask {
namespace {

[[noreturn]] void throw_unknown_flag(const std::string& typed) {
  const std::string name = typed.substr(0, typed.find('='));
  std::vector<std::string> names;
  for (const Flag* flag : all_flags()) {
    if (!flag->name.empty()) names.push_back(flag->name);
  }
  const auto first = std::min(name.find_first_not_of('-'), name.size());
  const auto best = nearest(name.substr(first), names);
  throw Error(ErrorCode::usage, "there is no flag " + utf8::printable(name),
              best ? "did you mean --" + *best + "?"
                   : "see unmask --help; a prompt that begins with - goes after --");
}

/// "-seed 5" would otherwise be read as -s with the value "eed".
void refuse_single_dash(const std::string& typed) {
  if (typed.size() < 3 || typed[0] != '-' || typed[1] == '-') return;
  const std::string name = typed.substr(1, typed.find('=') - 1);
  for (const Flag* flag : all_flags()) {
    if (name.size() > 1 && flag->name == name) throw_unknown_flag(typed);
  }
}

/// A value is missing, which only the last argument can lack, or a switch was given one.
[[noreturn]] void throw_value_mismatch(std::span<const std::string> arguments) {
  const std::string& last = arguments.back();
  for (const Flag* flag : all_flags()) {
    const bool long_name = last == "--" + flag->name;
    const bool letter = last.size() > 1 && last[1] != '-' && last.ends_with(flag->letter);
    if (!flag->value.empty() && (long_name || (!flag->letter.empty() && letter))) {
      throw Error(ErrorCode::usage,
                  (long_name ? last : "-" + flag->letter) + " needs a value: " + flag->value);
    }
    for (const std::string& typed : arguments) {
      if (flag->value.empty() && typed.starts_with("--" + flag->name + "=")) {
        throw Error(ErrorCode::usage, "--" + flag->name + " takes no value");
      }
    }
  }
  throw Error(ErrorCode::usage, "a flag lacks its value", "see unmask --help");
}

/// What CLI11 should see: in its order, last first, and "--prompt=" as an empty value, which it
/// would else take from the next argument.
std::vector<std::string> prepare(std::span<const std::string> arguments) {
  std::vector<std::string> prepared;
  bool flags_end = false;
  for (const std::string& argument : arguments) {
    flags_end = flags_end || argument == "--";
    if (!flags_end) refuse_single_dash(argument);
    const auto equals = argument.find('=');
    if (!flags_end && argument.starts_with("--") && equals + 1 == argument.size()) {
      prepared.push_back(argument.substr(0, equals));
      prepared.emplace_back();
    } else {
      prepared.push_back(argument);
    }
  }
  std::reverse(prepared.begin(), prepared.end());
  return prepared;
}

/// The words among what CLI11 did not recognise; the rest of it are unknown flags.
void take_words(Args& args, const std::vector<std::string>& extras) {
  const auto dashes = std::find(extras.begin(), extras.end(), "--");
  for (auto extra = extras.begin(); extra != dashes; ++extra) {
    const bool number = extra->size() > 1 && std::isdigit(static_cast<unsigned char>((*extra)[1]));
    if (extra->size() > 1 && extra->front() == '-' && !number) throw_unknown_flag(*extra);
  }
  args.words.assign(extras.begin(), dashes);
  if (!args.words.empty()) {
    const std::string first = args.words.front();
    if (const Command* command = find_command(first)) {
      args.command = command;
      args.words.erase(args.words.begin());
    } else if (first == "help" && args.words.size() <= 2) {
      args.help = Help::full;
      const Command* topic = args.words.size() == 2 ? find_command(args.words[1]) : nullptr;
      if (topic != nullptr) args.command = topic;
      args.words.clear();
    } else if (is_command_to_come(first)) {
      throw Error(ErrorCode::usage, "the command '" + first + "' is not in this version",
                  "for a prompt that begins with this word: unmask -- " + first + " ...");
    }
  }
  if (args.words == std::vector<std::string>{"-"}) {
    args.words.clear();
    args.dash = true;
  }
  if (dashes != extras.end()) args.words.insert(args.words.end(), dashes + 1, extras.end());
}

void take_flag(Args& args, const std::string& typed, const std::vector<std::string>& values) {
  if (values.empty()) return;
  const std::string command = "unmask " + std::string(args.command->name);
  const Flag* flag = find_flag(*args.command, typed.starts_with("--") ? typed.substr(2) : typed);
  if (flag == nullptr) {
    throw Error(ErrorCode::usage, typed + " is not a flag of '" + command + "'",
                "see " + command + " --help");
  }
  if (values.size() > 1 && !flag->repeatable) {
    throw Error(ErrorCode::usage, typed + " is given " + std::to_string(values.size()) + " times",
                "give it once");
  }
  for (const std::string& value : values) {
    if (flag->set) {
      flag->set(args, value);
    } else {
      args.own.emplace_back(flag->name, flag->value.empty() ? "" : value);
    }
  }
}

void refuse_contradictions(const Args& args) {
  const auto& decoding = args.settings.run.decoding;
  for (auto option = decoding.begin(); option != decoding.end(); ++option) {
    const bool twice = std::any_of(decoding.begin(), option,
                                   [&](const auto& other) { return other.first == option->first; });
    if (twice) {
      throw Error(ErrorCode::usage,
                  "both --" + option->first + " and --no-" + option->first + " are given",
                  "give one of them");
    }
  }
  if (args.quiet && args.verbose > 0) {
    throw Error(ErrorCode::usage, "both --quiet and --verbose are given", "give one of them");
  }
}

}  // namespace

Args parse_args(std::span<const std::string> arguments) {
  // CLI11 tells flags, values and words apart; what they mean is in the table of flags. Values and
  // words reach us as they were typed, also "[a, b]" and "{}".
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<std::pair<std::string, CLI::Option*>> options;
  for (const Flag* flag : all_flags()) {
    std::string names = flag->letter.empty() ? "" : "-" + flag->letter;
    if (!flag->name.empty()) names += (names.empty() ? "--" : ",--") + flag->name;
    CLI::Option* option = flag->value.empty()
                              ? app.add_flag(names)->disable_flag_override()
                              : app.add_option(names, [](const CLI::results_t&) { return true; });
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    options.emplace_back(flag->typed(), option);
  }

  std::vector<std::string> reversed = prepare(arguments);
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ArgumentMismatch&) {
    throw_value_mismatch(arguments);
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorCode::usage, error.what(), "see unmask --help");
  }

  Args args;
  args.command = &all_commands().front();
  take_words(args, app.remaining());
  for (const auto& [typed, option] : options) take_flag(args, typed, option->results());
  refuse_contradictions(args);
  return args;
}

std::optional<std::string> Args::value_of(std::string_view flag) const {
  for (const auto& [name, value] : own) {
    if (name == flag) return value;
  }
  return std::nullopt;
}

std::optional<std::string> one_model(const Args& args) {
  const std::optional<std::string>& named = args.settings.model.model;
  if (args.words.size() > 1 || (named && !args.words.empty())) {
    const std::string command(args.command->name);
    throw Error(ErrorCode::usage, command + " takes one model", "unmask " + command + " [MODEL]");
  }
  return args.words.empty() ? named : args.words.front();
}

}  // namespace unmask
