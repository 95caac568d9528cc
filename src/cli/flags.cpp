#include "cli/flags.h"

#include <array>
#include <limits>
#include <utility>

#include "cli/values.h"
#include "family/family.h"
#include "text/chat_format.h"
#include "unmask/options.h"

namespace unmask {
namespace {

using Text = const std::string&;
using Set = std::function<void(Args&, Text)>;

constexpr int kMaxId = std::numeric_limits<int>::max();
constexpr std::uint64_t kMaxSeed = std::numeric_limits<std::uint64_t>::max();
constexpr int kMaxThreads = 1024;
constexpr int kMaxTogether = 1024;  // texts of a batch, and drafts of a prompt
constexpr std::size_t kMaxStops = 64;

template <class Value, std::size_t size>
using Choices = std::array<std::pair<std::string_view, Value>, size>;

constexpr Choices<Truncate, 2> kSides = {{{"left", Truncate::left}, {"right", Truncate::right}}};
constexpr Choices<ComputeType, 3> kDtypes = {
    {{"auto", ComputeType::automatic}, {"f32", ComputeType::f32}, {"bf16", ComputeType::bf16}}};
constexpr Choices<Device, 3> kDevices = {
    {{"auto", Device::automatic}, {"cpu", Device::cpu}, {"cuda", Device::cuda}}};
constexpr Choices<bool, 2> kSwitch = {{{"on", true}, {"off", false}}};
constexpr Choices<Color, 3> kColors = {
    {{"auto", Color::automatic}, {"always", Color::always}, {"never", Color::never}}};

template <class Value, std::size_t size>
Value choose(std::string_view flag, Text text, const Choices<Value, size>& choices) {
  std::string known;
  for (const auto& [name, value] : choices) {
    if (name == text) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  throw Error(ErrorCode::usage,
              std::string(flag) + " is '" + utf8::printable(text) + "'; it is one of " + known);
}

template <class Value, std::size_t size>
std::vector<std::string> names_of(const Choices<Value, size>& choices) {
  std::vector<std::string> names;
  for (const auto& [name, value] : choices) names.emplace_back(name);
  return names;
}

std::vector<std::string> known_families() {
  std::vector<std::string> names;
  for (const Family* family : families()) names.emplace_back(family->name);
  return names;
}

std::vector<std::string> known_presets() {
  const std::vector<std::string_view> names = preset_names();
  return {names.begin(), names.end()};
}

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
       {.name = "system",
        .value = "TEXT",
        .help = "The system message of a chat model.",
        .per_line = true,
        .set = keep(&Args::system)},
       {.name = "chat",
        .value = "NAME",
        .help = "Use this chat format, whatever the checkpoint's own is.",
        .choices = chat_format_names(),
        .set = keep(&Args::chat)},
       {.name = "raw",
        .help = "No chat format: continue the text as it stands.",
        .per_line = true,
        .set = turn_on(&Args::raw)},
       {.name = "allow-special",
        .help = "Recognise special tokens in the text.",
        .per_line = true,
        .set = turn_on(&Args::allow_special)},
       {.name = "lossy",
        .help = "Replace invalid UTF-8 by U+FFFD instead of refusing it.",
        .set = turn_on(&Args::lossy)},
       {.name = "no-stdin",
        .help = "Leave standard input alone, also where it is a pipe or file.",
        .set = turn_on(&Args::no_stdin)},
       {.name = "max-input",
        .value = "SIZE",
        .help = "Refuse inputs that are longer (64MiB).",
        .set = [](Args& a, Text v) { a.max_input = parse_size("--max-input", v); }},
       {.name = "truncate",
        .value = "SIDE",
        .help = "Shorten a prompt that is too long for the model: left or right.",
        .choices = names_of(kSides),
        .per_line = true,
        .set = [](Args& a, Text v) { a.truncate = choose("--truncate", v, kSides); }}});
}

void add_model(std::vector<Flag>& flags) {
  add(flags, "Model",
      {{.name = "model",
        .letter = "m",
        .value = "MODEL",
        .help = "Checkpoint folder, or org/name[@revision] in the local hub cache.",
        .set = keep(&Args::model)},
       {.name = "family",
        .value = "NAME",
        .help = "Family of the model, where config.json does not say it.",
        .choices = known_families(),
        .set = keep(&Args::family)},
       {.name = "mask-id",
        .value = "ID",
        .help = "The mask token, instead of the checkpoint's.",
        .set = [](Args& a, Text v) { a.mask_id = parse_integer("--mask-id", v, 0, kMaxId); }},
       {.name = "end-ids",
        .value = "IDS",
        .help = "The tokens that end a text, instead of the checkpoint's.",
        .set = [](Args& a, Text v) { a.end_ids = parse_ids("--end-ids", v); }},
       {.name = "shift",
        .value = "WHERE",
        .help = "Whether the output at a position predicts the next one: on or off.",
        .choices = names_of(kSwitch),
        .set = [](Args& a, Text v) { a.shift = choose("--shift", v, kSwitch); }},
       {.name = "allow-code",
        .help = "Run a network that comes as a program (model type exported).",
        .set = turn_on(&Args::allow_code)}});
}

/// One option of the decoding registry; a switch also gets its negation.
void add_option(std::vector<Flag>& flags, const OptionSpec& spec) {
  const std::string name(spec.name);
  const auto set_to = [name](const char* fixed) {
    return [name, fixed](Args& args, Text typed) {
      const std::string value = fixed != nullptr ? fixed : typed;
      DecodeOptions scratch;  // a bad value is an error before anything is read
      set_option(scratch, name, value);
      args.decoding.emplace_back(name, value);
    };
  };
  const bool is_switch = spec.value.empty();
  flags.push_back({.name = name,
                   .letter = std::string(spec.letter),
                   .value = std::string(spec.value),
                   .group = std::string(spec.group),
                   .help = std::string(spec.help),
                   .per_line = true,
                   .set = set_to(is_switch ? "on" : nullptr)});
  if (!is_switch || name.starts_with("no-")) return;
  Flag negation = flags.back();
  negation.name = "no-" + name;
  negation.in_help = false;
  negation.help.clear();
  negation.set = set_to("off");
  flags.push_back(std::move(negation));
}

std::string preset_help() {
  std::string help =
      "All of these at once, as a reference has them; reference is the family's own:";
  for (const std::string& name : known_presets()) {
    help += (help.ends_with(':') ? " " : ", ") + name;
  }
  return help + "; and those of the checkpoint, as the model that ships has fast and quality.";
}

void add_decoding(std::vector<Flag>& flags) {
  for (const OptionSpec& spec : option_specs()) add_option(flags, spec);
  add(flags, "Denoising",
      {{.name = "preset",
        .value = "NAME",
        .help = preset_help(),
        .choices = known_presets(),
        .per_line = true,
        .set = keep(&Args::preset)}});
  add(flags, "Sampling",
      {{.name = "seed",
        .value = "N",
        .help = "Seed of all randomness; random where none is given.",
        .per_line = true,
        .set = [](Args& a,
                  Text v) { a.seed = parse_integer<std::uint64_t>("--seed", v, 0, kMaxSeed); }},
       {.name = "num",
        .value = "N",
        .help = "How many drafts to write, with seeds that count up from --seed.",
        .per_line = true,
        .set = [](Args& a, Text v) { a.num = parse_integer("--num", v, 1, kMaxTogether); }}});
}

void add_stop(Args& args, Text text) {
  if (text.empty()) throw Error(ErrorCode::usage, "--stop: the text is empty");
  if (args.stops.size() == kMaxStops) {
    throw Error(ErrorCode::usage,
                "--stop is given more than " + std::to_string(kMaxStops) + " times");
  }
  args.stops.push_back(text);
}

void add_end(std::vector<Flag>& flags) {
  add(flags, "End of text",
      {{.name = "stop",
        .value = "TEXT",
        .help = "Cut the answer before this text. May be repeated.",
        .repeatable = true,
        .per_line = true,
        .set = add_stop},
       {.name = "deadline",
        .value = "TIME",
        .help = "Finish with what there is when so much time has passed: 2s, 500ms, 1m.",
        .per_line = true,
        .set = [](Args& a, Text v) { a.deadline = parse_seconds("--deadline", v); }},
       {.name = "max-forwards",
        .value = "N",
        .help = "Finish with what there is after N passes of the network.",
        .per_line = true,
        .set = [](Args& a, Text v) {
          a.max_forwards = parse_integer("--max-forwards", v, 1, kMaxId);
        }}});
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
        .set = [](Args& a, Text v) { a.color = choose("--color", v, kColors); }},
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

void add_machine(std::vector<Flag>& flags) {
  add(flags, "Machine",
      {{.name = "threads",
        .letter = "t",
        .value = "N",
        .help = "Processor threads; 0 is as many as this process may use.",
        .set = [](Args& a, Text v) { a.threads = parse_integer("--threads", v, 0, kMaxThreads); }},
       {.name = "dtype",
        .value = "TYPE",
        .help = "Number format of the network: auto (exact), f32, bf16 (rounded).",
        .choices = names_of(kDtypes),
        .set = [](Args& a, Text v) { a.dtype = choose("--dtype", v, kDtypes); }},
       {.name = "device",
        .value = "NAME",
        .help = "Where to compute: auto, cpu, cuda.",
        .choices = names_of(kDevices),
        .set = [](Args& a, Text v) { a.device = choose("--device", v, kDevices); }}});
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
    add_model(all);
    add_decoding(all);
    add_end(all);
    add_output(all);
    add_machine(all);
    add_about(all);
    return all;
  }();
  return flags;
}

}  // namespace unmask
