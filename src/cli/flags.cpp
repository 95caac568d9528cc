#include "cli/flags.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "cli/values.h"
#include "family/family.h"
#include "unmask/options.h"

namespace unmask {
namespace {

using enum Command;
using Text = const std::string&;

constexpr int kMaxId = std::numeric_limits<int>::max();
constexpr std::uint64_t kMaxSeed = std::numeric_limits<std::uint64_t>::max();
constexpr int kMaxThreads = 1024;
constexpr int kMaxDrafts = 1024;
constexpr std::size_t kMaxStops = 64;

// Which commands take a flag.
const std::vector<Command> kEvery;
const std::vector<Command> kGenerate = {generate};
const std::vector<Command> kBatch = {batch};
const std::vector<Command> kWrites = {generate, batch};
const std::vector<Command> kPrompt = {generate, tokenize};
const std::vector<Command> kText = {generate, batch, tokenize};
const std::vector<Command> kInput = {generate, tokenize, detokenize};
const std::vector<Command> kNetwork = {generate, batch, logits};
const std::vector<Command> kPrinted = {generate, tokenize, detokenize, inspect, config};
const std::vector<Command> kDecoded = {generate, batch, config};
const std::vector<Command> kBlocks = {generate, batch, logits, config};

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

/// Collects flags below the heading that was set last.
class Table {
 public:
  using Set = std::function<void(Args&, const std::string&)>;

  void group(const char* name) { group_ = name; }

  Flag& value(const char* name, const char* letter, const char* value,
              const std::vector<Command>& commands, const char* help, Set set) {
    flags_.push_back({.name = name,
                      .letter = letter,
                      .value = value,
                      .group = group_,
                      .help = help,
                      .commands = commands,
                      .set = std::move(set)});
    return flags_.back();
  }

  Flag& toggle(const char* name, const char* letter, const std::vector<Command>& commands,
               const char* help, Set set) {
    return value(name, letter, "", commands, help, std::move(set));
  }

  Flag& toggle(const char* name, const std::vector<Command>& commands, const char* help,
               bool Args::*member) {
    return toggle(name, "", commands, help, [member](Args& a, Text) { a.*member = true; });
  }

  /// One option of the decoding registry; a switch also gets its negation.
  void decoding(const OptionSpec& spec) {
    group_ = spec.group;
    const std::string name(spec.name);
    // The attention of `logits` is asked for by the same names.
    const bool of_network = name == "block" || name == "attention";
    const std::vector<Command>& commands = of_network ? kBlocks : kDecoded;
    const auto set_to = [name](const char* fixed) {
      return [name, fixed](Args& args, Text typed) {
        const std::string value = fixed != nullptr ? fixed : typed;
        DecodeOptions scratch;  // a bad value is an error before anything is read
        set_option(scratch, name, value);
        args.decoding.emplace_back(name, value);
      };
    };
    const bool is_switch = spec.value.empty();
    flags_.push_back({.name = name,
                      .letter = std::string(spec.letter),
                      .value = std::string(spec.value),
                      .group = group_,
                      .help = std::string(spec.help),
                      .commands = commands,
                      .per_line = true,
                      .set = set_to(is_switch ? "on" : nullptr)});
    if (is_switch && !name.starts_with("no-")) {
      Flag negation = flags_.back();
      negation.name = "no-" + name;
      negation.in_help = false;
      negation.help.clear();
      negation.set = set_to("off");
      flags_.push_back(std::move(negation));
    }
  }

  std::vector<Flag> take() { return std::move(flags_); }

 private:
  std::string group_;
  std::vector<Flag> flags_;
};

void add_input(Table& table) {
  table.group("Input");
  table.value("prompt", "p", "TEXT", kPrompt, "The prompt, instead of words.",
              [](Args& a, Text v) { a.prompt = v; });
  table
      .value("file", "f", "FILE", kPrompt,
             "Text that comes before the prompt; - is standard input. May be repeated.",
             [](Args& a, Text v) { a.files.push_back(v); })
      .repeatable = true;
  table
      .value("ids", "", "IDS", {generate, logits},
             "Token ids, as \"1 2 3\": no tokenizer, no chat format; mask ids are to be filled.",
             [](Args& a, Text v) { a.ids.push_back(parse_ids("--ids", v)); })
      .repeatable = true;
  table.value("messages", "", "FILE", kPrompt,
              "A conversation as JSON: a list of {\"role\", \"content\"}.",
              [](Args& a, Text v) { a.messages = v; });
  table
      .value("system", "", "TEXT", kText, "The system message of a chat model.",
             [](Args& a, Text v) { a.system = v; })
      .per_line = true;
  table.value("chat", "", "NAME", kText, "Use this chat format, whatever the checkpoint's own is.",
              [](Args& a, Text v) { a.chat = v; });
  table.toggle("chat-format", {tokenize}, "Apply the checkpoint's chat format.",
               &Args::chat_format);
  table.toggle("raw", kWrites, "No chat format: continue the text as it stands.", &Args::raw)
      .per_line = true;
  table
      .toggle("allow-special", kText, "Recognise special tokens in the text.", &Args::allow_special)
      .per_line = true;
  table.toggle("lossy", kText, "Replace invalid UTF-8 by U+FFFD instead of refusing it.",
               &Args::lossy);
  table.toggle("no-stdin", kInput, "Leave standard input alone, also where it is a pipe or file.",
               &Args::no_stdin);
  table.value("max-input", "", "SIZE", kInput, "Refuse inputs that are longer (64MiB).",
              [](Args& a, Text v) { a.max_input = parse_size("--max-input", v); });
  table
      .value("truncate", "", "SIDE", kWrites,
             "Shorten a prompt that is too long for the model: left or right.",
             [](Args& a, Text v) { a.truncate = choose("--truncate", v, kSides); })
      .per_line = true;
}

void add_model(Table& table) {
  table.group("Model");
  table.value("model", "m", "MODEL", kEvery,
              "Checkpoint folder, or org/name[@revision] in the local hub cache.",
              [](Args& a, Text v) { a.model = v; });
  table.value("family", "", "NAME", {generate, batch, logits, inspect, config},
              "Family of the model, where config.json does not say it.",
              [](Args& a, Text v) { a.family = v; });
  table.value("mask-id", "", "ID", kWrites, "The mask token, instead of the checkpoint's.",
              [](Args& a, Text v) { a.mask_id = parse_integer("--mask-id", v, 0, kMaxId); });
  table.value("end-ids", "", "IDS", kWrites,
              "The tokens that end a text, instead of the checkpoint's.",
              [](Args& a, Text v) { a.end_ids = parse_ids("--end-ids", v); });
  table.value("shift", "", "WHERE", kWrites,
              "Whether the output at a position predicts the next one: on or off.",
              [](Args& a, Text v) { a.shift = choose("--shift", v, kSwitch); });
  table.toggle("allow-code", kNetwork,
               "Run a network that comes as a program (model type exported).", &Args::allow_code);
  table.toggle("check-values", {inspect}, "Look for NaN and infinity in all weights.",
               &Args::check_values);
}

void add_logits(Table& table) {
  table.group("Network");
  table.toggle("hidden", {logits}, "Hidden states too: hidden.K.embed, hidden.K.layerN.",
               &Args::hidden);
}

std::string preset_help() {
  std::string help =
      "All of these at once, as a reference has them; reference is the family's own:";
  for (const std::string_view name : preset_names()) {
    help += (help.ends_with(':') ? " " : ", ") + std::string(name);
  }
  return help + "; and those of the checkpoint, as the model that ships has fast and quality.";
}

void add_decoding(Table& table) {
  table.group("Canvas");
  for (const OptionSpec& spec : option_specs()) table.decoding(spec);
  table.group("Denoising");
  Flag& preset =
      table.value("preset", "", "NAME", kDecoded, "", [](Args& a, Text v) { a.preset = v; });
  preset.help = preset_help();
  preset.per_line = true;
  table.group("Sampling");
  table
      .value(
          "seed", "", "N", kWrites, "Seed of all randomness; random where none is given.",
          [](Args& a, Text v) { a.seed = parse_integer<std::uint64_t>("--seed", v, 0, kMaxSeed); })
      .per_line = true;
  table
      .value("num", "", "N", kWrites,
             "How many drafts to write, with seeds that count up from --seed.",
             [](Args& a, Text v) { a.num = parse_integer("--num", v, 1, kMaxDrafts); })
      .per_line = true;
}

void add_stop(Args& args, const std::string& text) {
  if (text.empty()) throw Error(ErrorCode::usage, "--stop: the text is empty");
  if (args.stops.size() == kMaxStops) {
    throw Error(ErrorCode::usage,
                "--stop is given more than " + std::to_string(kMaxStops) + " times");
  }
  args.stops.push_back(text);
}

void add_end(Table& table) {
  table.group("End of text");
  Flag& stop = table.value("stop", "", "TEXT", kWrites,
                           "Cut the answer before this text. May be repeated.", add_stop);
  stop.repeatable = stop.per_line = true;
  table
      .value("deadline", "", "TIME", kWrites,
             "Finish with what there is when so much time has passed: 2s, 500ms, 1m.",
             [](Args& a, Text v) { a.deadline = parse_seconds("--deadline", v); })
      .per_line = true;
  table
      .value(
          "max-forwards", "", "N", kWrites,
          "Finish with what there is after N passes of the network.",
          [](Args& a, Text v) { a.max_forwards = parse_integer("--max-forwards", v, 1, kMaxId); })
      .per_line = true;
}

void add_batch(Table& table) {
  table.group("Batch");
  table.toggle("lines", kBatch, "Every line of the input is a prompt, as it stands.", &Args::lines);
  table.value("max-line", "", "SIZE", kBatch, "Refuse lines that are longer (16MiB).",
              [](Args& a, Text v) { a.max_line = parse_size("--max-line", v); });
  table.value(
      "batch", "", "N", kBatch, "Texts that are decoded together, at most (8).",
      [](Args& a, Text v) { a.batch.requests = parse_integer("--batch", v, 1, kMaxDrafts); });
  table.value(
      "batch-tokens", "", "N", kBatch,
      "Tokens of these texts together, prompts included, at most (8192); 0: no limit.",
      [](Args& a, Text v) { a.batch.tokens = parse_integer("--batch-tokens", v, 0, kMaxId); });
  table.toggle("resume", kBatch, "Go on where a run with the same output was broken off.",
               &Args::resume);
  table.toggle("resume-failed", kBatch, "Go on, and do the lines again that failed.",
               &Args::resume_failed);
  table.toggle("overwrite", kBatch, "Start anew although the output exists.", &Args::overwrite);
  table.toggle("force-resume", kBatch,
               "Go on although model, options or input are not what they were.",
               &Args::force_resume);
  table.toggle("unordered", kBatch, "Write answers as they come, not in the input's order.",
               &Args::unordered);
  table.toggle("strict", kBatch, "Check every line first; begin only if all are fine.",
               &Args::strict);
  table.value("report", "", "FILE", kBatch, "Write what the run came to as a JSON object.",
              [](Args& a, Text v) { a.report = v; });
  table.value("store", "", "PLACE", kBatch,
              "Where the processes of a run meet: HOST:PORT, or a file that all of them see.",
              [](Args& a, Text v) { a.store = v; });
}

void add_output(Table& table) {
  table.group("Output");
  table.value("output", "o", "FILE", kEvery, "Write the result to FILE, all of it or nothing.",
              [](Args& a, Text v) { a.output = v; });
  table.toggle("json", kPrinted, "Write the result as JSON, one object per line.", &Args::json);
  table.value("trace", "", "FILE", kGenerate, "Write every denoising step to FILE as JSON Lines.",
              [](Args& a, Text v) { a.trace = v; });
  table.toggle("stream", kGenerate,
               "Write the text as it settles, from left to right; nothing is revised afterwards.",
               &Args::stream);
  table.toggle("verify-cache", kGenerate,
               "Decode without the cache too and say on standard error where the two differ.",
               &Args::verify_cache);
  table.toggle("stats", kGenerate, "Say on standard error what it took.", &Args::stats);
  table.toggle("dry-run", kGenerate, "Print what would be done, as JSON; open no weights.",
               &Args::dry_run);
  table.value("color", "", "WHEN", kEvery, "Colour on a terminal: auto, always or never.",
              [](Args& a, Text v) { a.color = choose("--color", v, kColors); });
  table.toggle("quiet", "q", kEvery, "Say nothing but errors.",
               [](Args& a, Text) { a.quiet = true; });
  table
      .toggle("verbose", "v", kEvery, "Say more; twice: still more.",
              [](Args& a, Text) { ++a.verbose; })
      .repeatable = true;
}

void add_machine(Table& table) {
  table.group("Machine");
  table.value("threads", "t", "N", kNetwork,
              "Processor threads; 0 is as many as this process may use.",
              [](Args& a, Text v) { a.threads = parse_integer("--threads", v, 0, kMaxThreads); });
  table.value("dtype", "", "TYPE", kNetwork,
              "Number format of the network: auto (exact), f32, bf16 (rounded).",
              [](Args& a, Text v) { a.dtype = choose("--dtype", v, kDtypes); });
  table.value("device", "", "NAME", kNetwork, "Where to compute: auto, cpu, cuda.",
              [](Args& a, Text v) { a.device = choose("--device", v, kDevices); });
}

void add_about(Table& table) {
  table.group("About");
  table.toggle("help", "", kEvery, "This text; -h is a short one.",
               [](Args& a, Text) { a.help = Help::full; });
  table.toggle("", "h", kEvery, "", [](Args& a, Text) { a.help = Help::brief; }).in_help = false;
  table.toggle("version", kEvery, "Version and what is built in.", &Args::version);
}

}  // namespace

bool Flag::belongs_to(Command command) const {
  return commands.empty() || std::find(commands.begin(), commands.end(), command) != commands.end();
}

const std::vector<Flag>& all_flags() {
  static const std::vector<Flag> flags = [] {
    Table table;
    add_input(table);
    add_model(table);
    add_logits(table);
    add_decoding(table);
    add_end(table);
    add_batch(table);
    add_output(table);
    add_machine(table);
    add_about(table);
    return table.take();
  }();
  return flags;
}

}  // namespace unmask
