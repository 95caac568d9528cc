#include "session/settings.h"

#include <array>
#include <limits>

#include "base/utf8.h"
#include "base/values.h"
#include "family/family.h"
#include "text/chat_format.h"
#include "unmask/options.h"

namespace unmask {
namespace {

using Row = Setting<Settings>;
using Rows = std::vector<Row>;
using Text = std::string_view;

constexpr int kMaxId = std::numeric_limits<int>::max();
constexpr std::uint64_t kMaxSeed = std::numeric_limits<std::uint64_t>::max();
constexpr int kMaxThreads = 1024;
constexpr int kMaxAnswers = 1024;
constexpr std::size_t kMaxStops = 64;

constexpr std::array<Named<Truncate>, 2> kSides = {
    {{"left", Truncate::left}, {"right", Truncate::right}}};
constexpr std::array<Named<ComputeType>, 3> kDtypes = {
    {{"auto", ComputeType::automatic}, {"f32", ComputeType::f32}, {"bf16", ComputeType::bf16}}};
constexpr std::array<Named<Device>, 3> kDevices = {
    {{"auto", Device::automatic}, {"cpu", Device::cpu}, {"cuda", Device::cuda}}};
constexpr std::array<Named<bool>, 2> kOnOff = {{{"on", true}, {"off", false}}};

std::vector<std::string> known_families() {
  std::vector<std::string> names;
  for (const Family* family : families()) names.emplace_back(family->name);
  return names;
}

std::vector<std::string> known_presets() {
  const std::vector<std::string_view> names = preset_names();
  return {names.begin(), names.end()};
}

void add_template_arg(Settings& settings, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos) {
    throw Error(ErrorCode::usage,
                "--template-arg " + utf8::quoted(text) + " is not of the form NAME=VALUE");
  }
  settings.prompt.template_args.emplace_back(text);
}

void add_input(Rows& rows) {
  rows.push_back({.name = "system",
                  .value = "TEXT",
                  .group = "Input",
                  .help = "The system message of a chat model.",
                  .per_line = true,
                  .decides = Decides::answer,
                  .access = kept<Settings>([](auto& s) -> auto& { return s.prompt.system; })});
  rows.push_back({.name = "chat",
                  .value = "NAME",
                  .group = "Input",
                  .help = "Use this chat format, whatever the checkpoint's own is.",
                  .choices = chat_format_names(),
                  .decides = Decides::answer,
                  .access = kept<Settings>([](auto& s) -> auto& { return s.prompt.chat; })});
  rows.push_back(
      {.name = "template-arg",
       .value = "NAME=VALUE",
       .group = "Input",
       .help = "A variable for the chat template: JSON, or a text (enable_thinking=true).",
       .repeatable = true,
       .decides = Decides::answer,
       .access = {add_template_arg,
                  [](const Settings& s) { return text_of(s.prompt.template_args); }}});
  rows.push_back({.name = "raw",
                  .group = "Input",
                  .help = "No chat format: continue the text as it stands.",
                  .per_line = true,
                  .decides = Decides::answer,
                  .access = turned_on<Settings>([](auto& s) -> auto& { return s.prompt.raw; })});
  rows.push_back(
      {.name = "allow-special",
       .group = "Input",
       .help = "Recognise special tokens in the text.",
       .per_line = true,
       .decides = Decides::answer,
       .access = turned_on<Settings>([](auto& s) -> auto& { return s.prompt.allow_special; })});
  rows.push_back({.name = "lossy",
                  .group = "Input",
                  .help = "Replace invalid UTF-8 by U+FFFD instead of refusing it.",
                  .decides = Decides::answer,
                  .access = turned_on<Settings>([](auto& s) -> auto& { return s.prompt.lossy; })});
  rows.push_back({.name = "truncate",
                  .value = "SIDE",
                  .group = "Input",
                  .help = "Shorten a prompt that is too long for the model: left or right.",
                  .choices = names_of(kSides),
                  .per_line = true,
                  .decides = Decides::answer,
                  .access = chosen<Settings>(
                      "--truncate", [](auto& s) -> auto& { return s.prompt.truncate; }, kSides)});
}

void add_model(Rows& rows) {
  rows.push_back({.name = "model",
                  .letter = "m",
                  .value = "MODEL",
                  .group = "Model",
                  .help = "Checkpoint folder, or org/name[@revision] in the local hub cache.",
                  .decides = Decides::resolved,
                  .access = kept<Settings>([](auto& s) -> auto& { return s.model.model; })});
  rows.push_back({.name = "family",
                  .value = "NAME",
                  .group = "Model",
                  .help = "Family of the model, where config.json does not say it.",
                  .choices = known_families(),
                  .decides = Decides::resolved,
                  .access = kept<Settings>([](auto& s) -> auto& { return s.model.family; })});
  rows.push_back({.name = "mask-id",
                  .value = "ID",
                  .group = "Model",
                  .help = "The mask token, instead of the checkpoint's.",
                  .decides = Decides::resolved,
                  .access = parsed<Settings>(
                      [](auto& s) -> auto& { return s.model.mask_id; },
                      [](Text v) { return parse_integer("--mask-id", v, 0, kMaxId); })});
  rows.push_back({.name = "end-ids",
                  .value = "IDS",
                  .group = "Model",
                  .help = "The tokens that end a text, instead of the checkpoint's.",
                  .decides = Decides::resolved,
                  .access = parsed<Settings>(
                      [](auto& s) -> auto& { return s.model.end_ids; },
                      [](Text v) { return parse_ids("--end-ids", v); })});
  rows.push_back({.name = "shift",
                  .value = "WHERE",
                  .group = "Model",
                  .help = "Whether the output at a position predicts the next one: on or off.",
                  .choices = names_of(kOnOff),
                  .decides = Decides::answer,
                  .access = chosen<Settings>(
                      "--shift", [](auto& s) -> auto& { return s.model.shift; }, kOnOff)});
  rows.push_back(
      {.name = "allow-code",
       .group = "Model",
       .help = "Run a network that comes as a program (model type exported).",
       .decides = Decides::nothing,
       .access = turned_on<Settings>([](auto& s) -> auto& { return s.model.allow_code; })});
}

std::string preset_help() {
  std::string help =
      "All of these at once, as a reference has them; reference is the family's own:";
  for (const std::string& name : known_presets()) {
    help += (help.ends_with(':') ? " " : ", ") + name;
  }
  return help + "; and those of the checkpoint, as the model that ships has fast and quality.";
}

void add_decoding(Rows& rows) {
  // The checkpoint's options for holes depend on its name, not only on the options it stands for.
  rows.push_back({.name = "preset",
                  .value = "NAME",
                  .group = "Denoising",
                  .help = preset_help(),
                  .choices = known_presets(),
                  .per_line = true,
                  .decides = Decides::answer,
                  .access = kept<Settings>([](auto& s) -> auto& { return s.run.preset; })});
  rows.push_back(
      {.name = "seed",
       .value = "N",
       .group = "Sampling",
       .help = "Seed of all randomness; random where none is given.",
       .per_line = true,
       .decides = Decides::resolved,
       .access = parsed<Settings>(
           [](auto& s) -> auto& { return s.run.seed; },
           [](Text v) { return parse_integer<std::uint64_t>("--seed", v, 0, kMaxSeed); })});
  rows.push_back({.name = "num",
                  .value = "N",
                  .group = "Sampling",
                  .help = "How many drafts to write, with seeds that count up from --seed.",
                  .per_line = true,
                  .decides = Decides::answer,
                  .access = parsed<Settings>(
                      [](auto& s) -> auto& { return s.run.num; },
                      [](Text v) { return parse_integer("--num", v, 1, kMaxAnswers); })});
}

void add_stop(Settings& settings, Text text) {
  std::vector<std::string>& stops = settings.run.stops;
  if (text.empty()) throw Error(ErrorCode::usage, "--stop: the text is empty");
  if (stops.size() == kMaxStops) {
    throw Error(ErrorCode::usage,
                "--stop is given more than " + std::to_string(kMaxStops) + " times");
  }
  stops.emplace_back(text);
}

void add_end(Rows& rows) {
  rows.push_back({.name = "stop",
                  .value = "TEXT",
                  .group = "End of text",
                  .help = "Cut the answer before this text. May be repeated.",
                  .repeatable = true,
                  .per_line = true,
                  .decides = Decides::answer,
                  .access = {add_stop, [](const Settings& s) { return text_of(s.run.stops); }}});
  rows.push_back({.name = "deadline",
                  .value = "TIME",
                  .group = "End of text",
                  .help = "Finish with what there is when so much time has passed: 2s, 500ms, 1m.",
                  .per_line = true,
                  .decides = Decides::answer,
                  .access = parsed<Settings>(
                      [](auto& s) -> auto& { return s.run.deadline; },
                      [](Text v) { return parse_seconds("--deadline", v); })});
  rows.push_back({.name = "max-forwards",
                  .value = "N",
                  .group = "End of text",
                  .help = "Finish with what there is after N passes of the network.",
                  .per_line = true,
                  .decides = Decides::answer,
                  .access = parsed<Settings>(
                      [](auto& s) -> auto& { return s.run.max_forwards; },
                      [](Text v) { return parse_integer("--max-forwards", v, 1, kMaxId); })});
}

void add_machine(Rows& rows) {
  // Rounding may differ with them, as it does from one processor to the next; what is computed does
  // not.
  rows.push_back({.name = "threads",
                  .letter = "t",
                  .value = "N",
                  .group = "Machine",
                  .help = "Processor threads; 0 is as many as this process may use.",
                  .decides = Decides::nothing,
                  .access = parsed<Settings>(
                      [](auto& s) -> auto& { return s.machine.threads; },
                      [](Text v) { return parse_integer("--threads", v, 0, kMaxThreads); })});
  rows.push_back({.name = "dtype",
                  .value = "TYPE",
                  .group = "Machine",
                  .help = "Number format of the network: auto (exact), f32, bf16 (rounded).",
                  .choices = names_of(kDtypes),
                  .decides = Decides::answer,
                  .access = chosen<Settings>(
                      "--dtype", [](auto& s) -> auto& { return s.machine.dtype; }, kDtypes)});
  rows.push_back({.name = "device",
                  .value = "NAME",
                  .group = "Machine",
                  .help = "Where to compute: auto, cpu, cuda.",
                  .choices = names_of(kDevices),
                  .decides = Decides::nothing,
                  .access = chosen<Settings>(
                      "--device", [](auto& s) -> auto& { return s.machine.device; }, kDevices)});
}

}  // namespace

std::optional<std::string> RunOptions::typed(std::string_view name) const {
  for (const auto& [option, value] : decoding) {
    if (option == name) return value;
  }
  return std::nullopt;
}

void RunOptions::type(std::string_view name, std::string_view value) {
  DecodeOptions scratch;  // a bad value is an error before anything is read
  set_option(scratch, name, value);
  decoding.emplace_back(name, value);
}

std::span<const Setting<Settings>> settings() {
  static const Rows rows = [] {
    Rows all;
    add_input(all);
    add_model(all);
    add_decoding(all);
    add_end(all);
    add_machine(all);
    return all;
  }();
  return rows;
}

}  // namespace unmask
