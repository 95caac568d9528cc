#include "unmask/options.h"

#include <array>
#include <charconv>
#include <limits>

#include "unmask/error.h"

namespace unmask {
namespace {

constexpr int kMaxLength = 1 << 20;
constexpr int kMaxSteps = 1 << 24;

template <typename Number>
Number parse_number(std::string_view text, Number minimum, Number maximum,
                    const std::string& allowed) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  // Written so that a NaN is out of range.
  if (problem != std::errc{} || stop != end || !(value >= minimum && value <= maximum)) {
    throw Error(ErrorCode::usage, "'" + std::string(text) + "' is not " + allowed);
  }
  return value;
}

int parse_int(std::string_view text, int minimum, int maximum) {
  return parse_number<int>(
      text, minimum, maximum,
      "a whole number from " + std::to_string(minimum) + " to " + std::to_string(maximum));
}

double parse_at_least_zero(std::string_view text) {
  return parse_number<double>(text, 0, std::numeric_limits<double>::max(),
                              "a number of at least 0");
}

double parse_share(std::string_view text) {
  const double value = parse_number<double>(text, 0, 1, "a number above 0 and at most 1");
  if (value == 0) throw Error(ErrorCode::usage, "'0' is not a number above 0 and at most 1");
  return value;
}

bool parse_switch(std::string_view text) {
  if (text == "on") return true;
  if (text == "off") return false;
  throw Error(ErrorCode::usage, "'" + std::string(text) + "' is neither 'on' nor 'off'");
}

template <typename Value>
struct Spelling {
  std::string_view text;
  Value value;
};

constexpr std::array kOrders{
    Spelling{"confidence", Order::confidence},
    Spelling{"margin", Order::margin},
    Spelling{"entropy", Order::entropy},
    Spelling{"random", Order::random},
    Spelling{"left", Order::left},
};
constexpr std::array kSchedules{
    Spelling{"even", ScheduleKind::even},
    Spelling{"dream", ScheduleKind::dream},
};
constexpr std::array kCommits{
    Spelling{"quota", CommitKind::quota},
    Spelling{"bernoulli", CommitKind::bernoulli},
};
constexpr std::array kSamplers{
    Spelling{"gumbel", Sampler::gumbel},
    Spelling{"categorical", Sampler::categorical},
};

template <typename Table>
auto parse_choice(const Table& table, std::string_view text) {
  std::string known;
  for (const auto& entry : table) {
    if (entry.text == text) return entry.value;
    known += (known.empty() ? "'" : ", '") + std::string(entry.text) + "'";
  }
  throw Error(ErrorCode::usage, "'" + std::string(text) + "' is none of " + known);
}

template <typename Table, typename Value>
std::string spell(const Table& table, Value value) {
  for (const auto& entry : table) {
    if (entry.value == value) return std::string(entry.text);
  }
  return "?";
}

/// "dream:0.01" -> kind and, where it has one, its parameter.
void set_schedule(DecodeOptions& options, std::string_view text) {
  const auto colon = text.find(':');
  const auto kind = parse_choice(kSchedules, text.substr(0, colon));
  if (colon != std::string_view::npos) {
    if (kind != ScheduleKind::dream) {
      throw Error(ErrorCode::usage, "'" + std::string(text) + "': only 'dream' takes a parameter");
    }
    options.schedule_eps = parse_share(text.substr(colon + 1));
  }
  options.schedule = kind;
}

constexpr std::array kSpecs{
    OptionSpec{
        "length", "n", "N", "Canvas", "Tokens to generate; 0 only fills what is open.",
        [](DecodeOptions& o, std::string_view v) { o.length = parse_int(v, 0, kMaxLength); }},
    OptionSpec{"block", "", "N", "Canvas",
               "Block length; blocks are finished from left to right. 0 is the whole canvas.",
               [](DecodeOptions& o, std::string_view v) { o.block = parse_int(v, 0, kMaxLength); }},
    OptionSpec{"steps", "s", "N", "Denoising",
               "Denoising steps over the whole canvas: fewer are faster, more are better.",
               [](DecodeOptions& o, std::string_view v) { o.steps = parse_int(v, 1, kMaxSteps); }},
    OptionSpec{"order", "", "RULE", "Denoising",
               "What is committed first: confidence, margin, entropy, random, left.",
               [](DecodeOptions& o, std::string_view v) { o.order = parse_choice(kOrders, v); }},
    OptionSpec{"schedule", "", "RULE", "Denoising",
               "How many positions a step commits: even, dream[:EPS].", set_schedule},
    OptionSpec{"commit", "", "RULE", "Denoising",
               "Which of them: quota (the first ones), bernoulli (each by itself).",
               [](DecodeOptions& o, std::string_view v) { o.commit = parse_choice(kCommits, v); }},
    OptionSpec{
        "temperature", "", "T", "Sampling", "Randomness of the tokens; 0 takes the best one.",
        [](DecodeOptions& o, std::string_view v) { o.temperature = parse_at_least_zero(v); }},
    OptionSpec{"top-k", "", "K", "Sampling", "Draw from the K most probable tokens; 0 is all.",
               [](DecodeOptions& o, std::string_view v) {
                 o.top_k = parse_int(v, 0, std::numeric_limits<int>::max());
               }},
    OptionSpec{"top-p", "", "P", "Sampling",
               "Draw from the most probable tokens that together reach P; 1 is all.",
               [](DecodeOptions& o, std::string_view v) { o.top_p = parse_share(v); }},
    OptionSpec{
        "sampler", "", "RULE", "Sampling",
        "How tokens are drawn above temperature 0: gumbel (as LLaDA), categorical (as Dream).",
        [](DecodeOptions& o, std::string_view v) { o.sampler = parse_choice(kSamplers, v); }},
    OptionSpec{
        "order-temperature", "", "T", "Sampling",
        "Randomness in which positions are committed; 0 takes the best ones.",
        [](DecodeOptions& o, std::string_view v) { o.order_temperature = parse_at_least_zero(v); }},
    OptionSpec{"guidance", "", "G", "Sampling",
               "Classifier-free guidance scale; above 0 every step costs a second forward pass.",
               [](DecodeOptions& o, std::string_view v) { o.guidance = parse_at_least_zero(v); }},
    OptionSpec{"no-end", "", "", "End of text", "Never write an end token.",
               [](DecodeOptions& o, std::string_view v) { o.no_end = parse_switch(v); }},
    OptionSpec{"end-last", "", "", "End of text", "Commit end tokens last.",
               [](DecodeOptions& o, std::string_view v) { o.end_last = parse_switch(v); }},
    OptionSpec{
        "early-stop", "", "", "End of text",
        "Stop once an end token and everything left of it is settled (the default for text).",
        [](DecodeOptions& o, std::string_view v) { o.early_stop = parse_switch(v); }},
};

}  // namespace

std::span<const OptionSpec> option_specs() { return kSpecs; }

void set_option(DecodeOptions& options, std::string_view name, std::string_view value) {
  for (const OptionSpec& spec : kSpecs) {
    if (spec.name != name) continue;
    try {
      spec.set(options, value);
    } catch (const Error& error) {
      throw Error(error.code(), "--" + std::string(name) + ": " + error.what(), error.hint());
    }
    return;
  }
  throw Error(ErrorCode::usage, "there is no option '" + std::string(name) + "'");
}

std::string to_string(Order order) { return spell(kOrders, order); }
std::string to_string(CommitKind commit) { return spell(kCommits, commit); }
std::string to_string(Sampler sampler) { return spell(kSamplers, sampler); }

std::string schedule_text(const DecodeOptions& options) {
  std::string text = spell(kSchedules, options.schedule);
  if (options.schedule != ScheduleKind::dream) return text;
  std::array<char, 32> digits{};
  const auto [end, problem] =
      std::to_chars(digits.data(), digits.data() + digits.size(), options.schedule_eps);
  return text + ":" + std::string(digits.data(), end);
}

}  // namespace unmask
