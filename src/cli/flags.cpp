#include "cli/flags.h"

#include <array>
#include <utility>

#include "base/values.h"
#include "unmask/options.h"

namespace unmask {
namespace {

using Text = const std::string&;
using Set = std::function<void(Args&, Text)>;

constexpr std::array<Named<Color>, 3> kColors = {
    {{"auto", Color::automatic}, {"always", Color::always}, {"never", Color::never}}};

Set turn_on(bool Args::*member) {
  return [member](Args& args, Text) { args.*member = true; };
}

template <class Member>
Set keep(Member Args::*member) {
  return [member](Args& args, Text value) { args.*member = value; };
}

void add(std::vector<Flag>& flags, const char* group, std::vector<Flag> more) {
  for (Flag& flag : more) {
    flag.group = group;
    flags.push_back(std::move(flag));
  }
}

void add_input(std::vector<Flag>& flags) {
  add(flags, "Input",
      {{.name = "prompt",
        .letter = "p",
        .value = "TEXT",
        .help = "The prompt, instead of words.",
        .set = keep(&Args::prompt)},
       {.name = "file",
        .letter = "f",
        .value = "FILE",
        .help = "Text that comes before the prompt; - is standard input. May be repeated.",
        .repeatable = true,
        .set = [](Args& a, Text v) { a.files.push_back(v); }},
       {.name = "ids",
        .value = "IDS",
        .help = "Token ids, as \"1 2 3\": no tokenizer, no chat format; mask ids are to be filled.",
        .repeatable = true,
        .set = [](Args& a, Text v) { a.ids.push_back(parse_ids("--ids", v)); }},
       {.name = "messages",
        .value = "FILE",
        .help = "A conversation as JSON: a list of {\"role\", \"content\"}.",
        .set = keep(&Args::messages)},
       {.name = "no-stdin",
        .help = "Leave standard input alone, also where it is a pipe or file.",
        .set = turn_on(&Args::no_stdin)},
       {.name = "max-input",
        .value = "SIZE",
        .help = "Refuse inputs that are longer (64MiB).",
        .set = [](Args& a, Text v) { a.max_input = parse_size("--max-input", v); }}});
}

void add_setting(std::vector<Flag>& flags, const Setting<Settings>& setting) {
  flags.push_back(
      {.name = setting.name,
       .letter = setting.letter,
       .value = setting.value,
       .group = setting.group,
       .help = setting.help,
       .choices = setting.choices,
       .repeatable = setting.repeatable,
       .set = [set = setting.access.set](Args& args, Text value) { set(args.settings, value); }});
}

/// One option of the decoding registry; a switch also gets its negation.
void add_option(std::vector<Flag>& flags, const OptionSpec& spec) {
  const std::string name(spec.name);
  const bool is_switch = spec.value.empty();
  flags.push_back({.name = name,
                   .letter = std::string(spec.letter),
                   .value = std::string(spec.value),
                   .group = std::string(spec.group),
                   .help = std::string(spec.help),
                   .set = [name, is_switch](Args& args, Text value) {
                     args.settings.run.type(name, is_switch ? "on" : value);
                   }});
  if (!is_switch || name.starts_with("no-")) return;
  flags.push_back({.name = "no-" + name,
                   .group = std::string(spec.group),
                   .in_help = false,
                   .set = [name](Args& args, Text) { args.settings.run.type(name, "off"); }});
}

void add_output(std::vector<Flag>& flags) {
  add(flags, "Output",
      {{.name = "output",
        .letter = "o",
        .value = "FILE",
        .help = "Write the result to FILE, all of it or nothing.",
        .set = keep(&Args::output)},
       {.name = "json",
        .help = "Write the result as JSON, one object per line.",
        .set = turn_on(&Args::json)},
       {.name = "color",
        .value = "WHEN",
        .help = "Colour on a terminal: auto, always or never.",
        .choices = names_of(kColors),
        .set = [](Args& a, Text v) { a.color = named("--color", v, kColors); }},
       {.name = "quiet",
        .letter = "q",
        .help = "Say nothing but errors.",
        .set = turn_on(&Args::quiet)},
       {.name = "verbose",
        .letter = "v",
        .help = "Say more; twice: still more.",
        .repeatable = true,
        .set = [](Args& a, Text) { ++a.verbose; }}});
}

void add_about(std::vector<Flag>& flags) {
  add(flags, "About",
      {{.name = "help",
        .help = "This text; -h is a short one.",
        .set = [](Args& a, Text) { a.help = Help::full; }},
       {.letter = "h", .in_help = false, .set = [](Args& a, Text) { a.help = Help::brief; }},
       {.name = "version",
        .help = "Version and what is built in.",
        .set = turn_on(&Args::version)}});
}

}  // namespace

const std::vector<Flag>& shared_flags() {
  static const std::vector<Flag> flags = [] {
    std::vector<Flag> all;
    add_input(all);
    for (const Setting<Settings>& setting : settings()) add_setting(all, setting);
    for (const OptionSpec& spec : option_specs()) add_option(all, spec);
    add_output(all);
    add_about(all);
    return all;
  }();
  return flags;
}

}  // namespace unmask
