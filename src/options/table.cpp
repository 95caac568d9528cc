// The table of options: option_specs(), set_option() and option_text() of unmask/options.h.
#include <array>
#include <limits>
#include <string>
#include <vector>

#include "options/rule_text.h"
#include "options/values.h"
#include "unmask/error.h"
#include "unmask/options.h"

namespace unmask {
namespace {

constexpr int kMaxSteps = 1 << 24;

using Names = std::span<const std::string_view>;

/// What an option's value is, and how it is read and written.
struct OptionAccess {
  OptionKind kind;
  void (*set)(DecodeOptions& options, std::string_view value);
  std::string (*get)(const DecodeOptions& options);
  Names choices = {};
};

template <auto Member, int Least = 0, int Most = kMaxLength>
constexpr OptionAccess count() {
  return {OptionKind::count,
          [](DecodeOptions& o, std::string_view text) { o.*Member = parse_int(text, Least, Most); },
          [](const DecodeOptions& o) { return std::to_string(o.*Member); }};
}

template <auto Member, double (*Parse)(std::string_view) = parse_at_least_zero>
constexpr OptionAccess number() {
  return {OptionKind::number,
          [](DecodeOptions& o, std::string_view text) { o.*Member = Parse(text); },
          [](const DecodeOptions& o) { return number_text(o.*Member); }};
}

template <auto Member>
constexpr OptionAccess toggle() {
  return {OptionKind::toggle,
          [](DecodeOptions& o, std::string_view text) { o.*Member = parse_switch(text); },
          [](const DecodeOptions& o) { return std::string(o.*Member ? "on" : "off"); }};
}

template <auto Member>
constexpr OptionAccess ids() {
  return {OptionKind::ids,
          [](DecodeOptions& o, std::string_view text) { o.*Member = parse_id_list(text); },
          [](const DecodeOptions& o) { return id_list_text(o.*Member); }};
}

// The names of enumerations, in the order of their values.
constexpr std::string_view kOrders[] = {"confidence", "margin", "entropy", "random", "left"};
constexpr std::string_view kGrids[] = {"prompt", "absolute"};
constexpr std::string_view kStepsPers[] = {"canvas", "block"};
constexpr std::string_view kAttentions[] = {"full", "block"};
constexpr std::string_view kSamplers[] = {"gumbel", "categorical"};

std::size_t parse_name(Names names, std::string_view text) {
  std::string known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return i;
    known += (known.empty() ? "'" : ", '") + std::string(names[i]) + "'";
  }
  refuse_value(text, "none of " + known);
}

template <auto Member, const auto& kNames>
constexpr OptionAccess choice() {
  return {OptionKind::text,
          [](DecodeOptions& o, std::string_view text) {
            using Enum = std::remove_reference_t<decltype(o.*Member)>;
            o.*Member = static_cast<Enum>(parse_name(kNames, text));
          },
          [](const DecodeOptions& o) {
            return std::string(kNames[static_cast<std::size_t>(o.*Member)]);
          },
          kNames};
}

template <typename Card>
Names names_of_rules() {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names;
    for (const RuleCard* rule : rule_cards<Card>()) names.push_back(rule->name);
    return names;
  }();
  return kNames;
}

template <typename Card, RuleChoice<Card> DecodeOptions::*Member>
OptionAccess rule() {
  return {OptionKind::text,
          [](DecodeOptions& o, std::string_view text) { set_rule(o.*Member, text); },
          [](const DecodeOptions& o) { return rule_text(o.*Member); }, names_of_rules<Card>()};
}

/// "Which of them: quota (the first ones), ...", kept for good.
template <typename Card>
std::string_view rules_help(std::string_view introduction) {
  static const std::string kHelp =
      std::string(introduction) + ": " + rules_text(rule_cards<Card>()) + ".";
  return kHelp;
}

void set_converged(DecodeOptions& options, std::string_view text) {
  if (text == "off") {
    options.converged = false;
    return;
  }
  auto gaps = DecodeOptions().converged_gaps;
  if (text != "on") {
    std::string_view rest = text;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      const std::size_t end = rest.find(',');
      if ((end == std::string_view::npos) != (i + 1 == gaps.size())) {
        refuse_value(text, "neither 'on', 'off' nor of the form G1,G2,G3");
      }
      gaps[i] = parse_at_least_zero(rest.substr(0, end));
      rest = rest.substr(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  options.converged_gaps = gaps;
  options.converged = true;
}

std::string converged_text(const DecodeOptions& options) {
  if (!options.converged) return "off";
  const auto& [first, second, last] = options.converged_gaps;
  return number_text(first) + "," + number_text(second) + "," + number_text(last);
}

OptionSpec row(std::string_view name, std::string_view letter, std::string_view value,
               std::string_view group, std::string_view help, const OptionAccess& access) {
  return {name, letter, value, group, help, access.kind, access.choices, access.set, access.get};
}

using D = DecodeOptions;

/// One row for each option.
std::vector<OptionSpec> make_specs() {
  return {
      row("length", "n", "N", "Canvas", "Tokens to generate; 0 only fills what is open.",
          count<&D::length>()),
      row("block", "", "N", "Canvas",
          "Block length; blocks are finished from left to right. 0 is the whole canvas.",
          count<&D::block>()),
      row("block-grid", "", "FROM", "Canvas",
          "Where blocks begin: at the end of the prompt (prompt), or at multiples of their length "
          "(absolute).",
          choice<&D::grid, kGrids>()),
      row("sub-block", "", "N", "Canvas",
          "Length of the parts in which a block is finished; 0 is none.", count<&D::sub_block>()),
      row("attention", "", "KIND", "Canvas",
          "What a position sees: the whole canvas (full), or its block and those before it "
          "(block).",
          choice<&D::attention, kAttentions>()),

      row("steps", "s", "N", "Denoising", "Denoising steps: fewer are faster, more are better.",
          count<&D::steps, 1, kMaxSteps>()),
      row("steps-per", "", "PART", "Denoising",
          "What the steps are counted for: the whole canvas (canvas), or each block (block).",
          choice<&D::steps_per, kStepsPers>()),
      row("order", "", "RULE", "Denoising",
          "What is committed first: confidence, margin, entropy, random, left.",
          choice<&D::order, kOrders>()),
      row("schedule", "", "RULE", "Denoising",
          rules_help<ScheduleCard>("How many positions a step commits"),
          rule<ScheduleCard, &D::schedule>()),
      row("commit", "", "RULE", "Denoising", rules_help<CommitCard>("Which of them"),
          rule<CommitCard, &D::commit>()),
      row("min-commit", "", "N", "Denoising",
          "The fewest positions that a step of threshold commits; 0 is the schedule's number.",
          {OptionKind::count,
           [](D& o, std::string_view text) { set_floor(o.commit, parse_int(text, 0, kMaxLength)); },
           nullptr}),
      row("first-alone", "", "", "Denoising",
          "A block's first step settles its first position alone.", toggle<&D::first_alone>()),
      row("fast-dllm-habits", "", "", "Denoising",
          "A confidence at the bound counts, and factor takes the last candidate unasked.",
          toggle<&D::fast_dllm_habits>()),
      row("revise", "", "RULE", "Denoising", rules_help<ReviseCard>("What may change again"),
          rule<ReviseCard, &D::revise>()),
      row("cache", "", "KIND", "Denoising", rules_help<CacheCard>("Keys and values that are kept"),
          rule<CacheCard, &D::cache>()),

      row("temperature", "", "T", "Sampling", "Randomness of the tokens; 0 takes the best one.",
          number<&D::temperature>()),
      row("top-k", "", "K", "Sampling", "Draw from the K most probable tokens; 0 is all.",
          count<&D::top_k, 0, std::numeric_limits<int>::max()>()),
      row("top-p", "", "P", "Sampling",
          "Draw from the most probable tokens that together reach P; 1 is all.",
          number<&D::top_p, parse_share>()),
      row("top-k-first", "", "", "Sampling", "Take top-p of what top-k has left.",
          toggle<&D::top_k_first>()),
      row("sampler", "", "RULE", "Sampling",
          "How tokens are drawn above temperature 0: gumbel (as LLaDA), categorical (as Dream).",
          choice<&D::sampler, kSamplers>()),
      row("order-temperature", "", "T", "Sampling",
          "Randomness in which positions are committed; 0 takes the best ones.",
          number<&D::order_temperature>()),
      row("guidance", "", "G", "Sampling",
          "Classifier-free guidance scale; above 0 every step costs a second forward pass.",
          number<&D::guidance>()),
      row("guidance-keep", "", "IDS", "Sampling",
          "Prompt tokens that guidance's second pass sees too.", ids<&D::guidance_keep>()),
      row("suppress", "", "IDS", "Sampling", "Never write these tokens.", ids<&D::suppress>()),
      row("suppress-order", "", "IDS", "Sampling", "Commit these tokens last.",
          ids<&D::suppress_order>()),

      row("converged", "", "G1,G2,G3", "End of text",
          "Write all that is open once the best token leads by so much, in logits and on average, "
          "in each third of the text; on is 7.5,5,2.5, off never.",
          {OptionKind::text, set_converged, converged_text}),
      row("no-end", "", "", "End of text", "Never write an end token.", toggle<&D::no_end>()),
      row("end-last", "", "", "End of text", "Commit end tokens last.", toggle<&D::end_last>()),
      row("early-stop", "", "", "End of text",
          "Stop once an end token and everything left of it is settled (the default for text).",
          toggle<&D::early_stop>()),
      row("stop-after-block", "", "", "End of text",
          "Stop after a block when an end token is among the generated tokens.",
          toggle<&D::stop_after_block>()),
  };
}

const OptionSpec& spec_of(std::string_view name) {
  for (const OptionSpec& spec : option_specs()) {
    if (spec.name == name) return spec;
  }
  throw Error(ErrorCode::usage, "there is no option '" + std::string(name) + "'");
}

}  // namespace

std::span<const OptionSpec> option_specs() {
  static const std::vector<OptionSpec> kSpecs = make_specs();
  return kSpecs;
}

void set_option(DecodeOptions& options, std::string_view name, std::string_view value) {
  const OptionSpec& spec = spec_of(name);
  try {
    spec.set(options, value);
  } catch (const Error& error) {
    throw Error(error.code(), "--" + std::string(name) + ": " + error.what(), error.hint());
  }
}

std::string option_text(const DecodeOptions& options, std::string_view name) {
  return spec_of(name).get(options);
}

}  // namespace unmask
