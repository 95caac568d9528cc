// Options that contradict each other: check_options() of unmask/options.h. What a rule goes with is
// on its card.
#include "options/rule_text.h"
#include "unmask/error.h"
#include "unmask/options.h"

namespace unmask {
namespace {

void require(bool fits, const std::string& message, const std::string& hint) {
  if (!fits) throw Error(ErrorCode::usage, message, hint);
}

/// "--commit threshold:0.9,1"
std::string typed(const DecodeOptions& options, std::string_view name) {
  return "--" + std::string(name) + " " + option_text(options, name);
}

/// "linear, loglinear or bd3lm"
template <typename Card>
std::string names_where(bool (*holds)(const Card& card)) {
  std::vector<std::string> names;
  for (const Card* card : cards<Card>()) {
    if (holds(*card)) names.emplace_back(card->rule.name);
  }
  std::string text = names.front();
  for (std::size_t i = 1; i < names.size(); ++i) {
    text += (i + 1 == names.size() ? " or " : ", ") + names[i];
  }
  return text;
}

void check_blocks(const DecodeOptions& o) {
  const std::string block = std::to_string(o.block), part = std::to_string(o.sub_block);
  require(o.attention == AttentionKind::full || o.block > 0,
          "--attention block needs a block length",
          "add --block N, or --attention full where the model can see the whole canvas");
  if (o.sub_block == 0) return;
  require(o.block > 0 && o.block % o.sub_block == 0,
          "blocks of " + block + " tokens cannot be cut into sub-blocks of " + part,
          "--block must be a multiple of --sub-block");
  require(o.grid == BlockGrid::absolute, "sub-blocks need blocks at multiples of their length",
          "add --block-grid absolute, or leave --sub-block out");
}

void check_cache(const DecodeOptions& o) {
  const CacheCard& cache = *o.cache.card;
  const bool fits = !cache.attention || *cache.attention == o.attention;
  require(fits || o.attention == AttentionKind::block,
          typed(o, "cache") +
              " needs --attention block: under full attention the keys and values "
              "of finished blocks still change",
          "use --cache none");
  require(fits, typed(o, "cache") + " is for --attention full",
          "use --cache block, which is exact under block attention, or --attention full");
  require(!cache.sub_blocks || o.sub_block > 0, typed(o, "cache") + " needs blocks in parts",
          "add --sub-block N, or use --cache block");
}

/// Drafts and shadow rows are computed with the whole canvas.
void check_whole_passes(const DecodeOptions& o) {
  const bool cached = cache_of(o).card->make != nullptr;
  const std::string cache = typed(o, "cache");
  require(o.commit.card->caches || !cached, typed(o, "commit") + " and " + cache + " do not fit",
          "use --cache none");
  require(!o.revise.card->full_attention || o.attention == AttentionKind::full,
          typed(o, "revise") + " needs --attention full",
          "the tokens of a block are judged by what stands on both sides of them");
  require(o.revise.card->caches || !cached, typed(o, "revise") + " and " + cache + " do not fit",
          "use --cache none");
}

bool revises(const DecodeOptions& o) { return o.revise.card->finality != Finality::at_once; }

/// All that is open is to be seen in each step, and to be final when it is written.
void check_converged(const DecodeOptions& o) {
  if (!o.converged) return;
  require(o.attention == AttentionKind::full,
          "--converged fills the whole canvas, of which --attention block does not see the end",
          "leave --converged out; --commit threshold:T finishes blocks sooner");
  require(o.cache.card->sees_rest, "--converged and " + typed(o, "cache") + " do not fit",
          "use --cache prefix, delayed or none, which compute what lies behind the block");
  const bool goes_on = o.commit.card->make_whole != nullptr;
  require(!goes_on && !revises(o),
          "--converged and " + typed(o, goes_on ? "commit" : "revise") + " do not fit",
          "leave one of them out");
}

/// The reverse process has noise, other rules a schedule that counts.
void check_noise(const DecodeOptions& o) {
  const bool reverse = o.commit.card->reverse != Reverse::none;
  const std::optional<NoiseProcess>& noise = o.schedule.card->noise;
  require(reverse == noise.has_value(),
          typed(o, "commit") + " and " + typed(o, "schedule") + " do not fit",
          reverse ? "--schedule " + names_where<ScheduleCard>([](const auto& card) {
                      return card.noise.has_value();
                    }) + " goes with it"
                  : "--commit " + names_where<CommitCard>([](const auto& card) {
                      return card.reverse != Reverse::none;
                    }) + " goes with it");
  require(o.revise.card->transition == nullptr || !noise || !noise->to_zero,
          typed(o, "schedule") + " never masks a token again",
          "use --schedule linear or loglinear, or --revise none");
}

/// Rules that are more than a choice among candidates go with one kind of commit.
void check_rules(const DecodeOptions& o) {
  const std::string commit = typed(o, "commit"), revise = typed(o, "revise");
  const bool parts = o.sub_block > 0;
  const std::string_view partner = parts ? "threshold" : o.revise.card->goes_with;
  const std::string rule = parts ? "--sub-block" : revise;
  require(partner.empty() || o.commit.name() == partner, rule + " and " + commit + " do not fit",
          partner.empty()
              ? ""
              : "--commit " + form_of(find_card<CommitCard>(partner)->rule) + " goes with it");
  require(counts_steps(o) || o.steps == 0,
          rule + " goes on until a block is done: it has no number of steps", "leave --steps out");
  const bool whole =
      o.commit.card->make_whole != nullptr && o.commit.card->reverse == Reverse::none;
  require(!whole || (!revises(o) && !o.first_alone),
          commit + " goes on from what is written: it cannot be combined with " +
              (o.first_alone ? "--first-alone" : revise),
          o.first_alone ? "add --no-first-alone" : "leave one of them out");
  require(!o.first_alone || (!revises(o) && !parts),
          "--first-alone is for plain blocks: it does not fit " + rule, "add --no-first-alone");
  require(!parts || !revises(o), revise + " has no sub-blocks", "leave --sub-block out");
}

}  // namespace

void check_options(const DecodeOptions& options) {
  check_blocks(options);
  check_cache(options);
  check_noise(options);
  check_rules(options);
  check_whole_passes(options);
  check_converged(options);
}

}  // namespace unmask
