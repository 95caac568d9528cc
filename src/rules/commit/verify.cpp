// Draft and verify (FreeDave, Wu and Zhang 2025): the tokens of `--commit quota` in fewer passes.
// The distributions of the last pass say what the next steps will probably write; all the canvases
// on that way are computed in one pass. From its own output each tells which canvas really comes
// next: as long as that is one of those computed, the step after it needs no pass.
#include <algorithm>
#include <numeric>
#include <utility>

#include "rules/cards.h"
#include "rules/rule.h"

namespace unmask {
namespace {

DecodeOptions one_by_one(DecodeOptions options) {
  options.commit = {find_card<CommitCard>("quota")};
  return options;
}

class VerifyRule : public Rule {
 public:
  VerifyRule(const DecodeOptions& options, const Canvas& canvas)
      : sees_blocks_(options.attention == AttentionKind::block),
        most_(static_cast<std::size_t>(options.commit.values[0])),
        sequential_(make_block_rule(one_by_one(options), canvas)) {}

  int bound() const override { return sequential_->bound(); }

  std::optional<Wants> next(const Canvas& canvas) override {
    std::optional<Wants> wants = sequential_->next(canvas);
    if (!wants) return std::nullopt;
    current_ = draft_of(canvas, *wants);
    if (answer_to(current_) == nullptr) {
      if (drafts_.empty()) drafts_.push_back(current_);  // nothing is known yet
      wants->drafts = drafts_;
    }
    wants->rows.clear();
    return wants;
  }

  Edit step(const Canvas& canvas, const Distributions& said, Noise& noise) override {
    if (!said.positions().empty()) keep_answers(said);
    const Answer answer = *answer_to(current_);
    Edit edit = sequential_->step(canvas, *answer.said, noise);
    Canvas next = canvas;
    next.apply(edit);
    drafts_ = look_ahead(std::move(next), answer, noise);
    return edit;
  }

 private:
  struct Answer {
    Draft draft;
    std::shared_ptr<const Distributions> said;  // of the draft's rows
  };

  Draft draft_of(const Canvas& canvas, const Wants& wants) const {
    const int end = sees_blocks_ ? wants.block_range.end : canvas.size();
    return {{canvas.ids().begin(), canvas.ids().begin() + end}, wants.rows};
  }

  const Answer* answer_to(const Draft& draft) const {
    const auto found = std::find_if(answers_.begin(), answers_.end(),
                                    [&](const Answer& answer) { return answer.draft == draft; });
    return found == answers_.end() ? nullptr : &*found;
  }

  void keep_answers(const Distributions& said) {
    answers_.clear();
    int begin = 0;
    for (const Draft& draft : drafts_) {
      std::vector<int> rows(draft.rows.size());
      std::iota(rows.begin(), rows.end(), begin);
      begin += static_cast<int>(rows.size());
      answers_.push_back({draft, said.select(rows)});
    }
  }

  /// What comes next, and the canvases after it if the distributions stay as they are: the
  /// sequential rule, run on what was said before as far as they have the rows that it wants.
  std::vector<Draft> look_ahead(Canvas canvas, const Answer& known, Noise& noise) const {
    const std::unique_ptr<Rule> rule = sequential_->clone();
    std::vector<Draft> drafts;
    for (;;) {
      const std::optional<Wants> wants = rule->next(canvas);
      if (!wants) return drafts;
      drafts.push_back(draft_of(canvas, *wants));
      const std::vector<int>& have = known.draft.rows;
      if (drafts.size() == most_ ||
          !std::includes(have.begin(), have.end(), wants->rows.begin(), wants->rows.end())) {
        return drafts;
      }
      std::vector<int> rows;
      for (const int row : wants->rows) {
        const auto found = std::lower_bound(have.begin(), have.end(), row);
        rows.push_back(static_cast<int>(found - have.begin()));
      }
      canvas.apply(rule->step(canvas, *known.said->select(rows), noise));
    }
  }

  bool sees_blocks_;
  std::size_t most_;  // drafts of a pass, what comes next included
  std::unique_ptr<Rule> sequential_;
  Draft current_;
  std::vector<Draft> drafts_;    // of the next pass; the first one is certain
  std::vector<Answer> answers_;  // of the last pass
};

constexpr Parameter kVerifyParameters[] = {
    {.name = "D", .kind = Parameter::Kind::count, .least = 1, .most = 64}};

}  // namespace

extern const CommitCard kVerifyCommit{
    .rule = {.name = "verify", .help = "quota in fewer passes", .parameters = kVerifyParameters},
    .make_whole = [](const DecodeOptions& options, const Canvas& canvas) -> std::unique_ptr<Rule> {
      return std::make_unique<VerifyRule>(options, canvas);
    },
    .caches = false,  // drafts are computed with the whole canvas
    .pass_tokens = [](Values values, std::int64_t canvas,
                      std::int64_t) { return canvas * static_cast<std::int64_t>(values[0]); },
};

}  // namespace unmask
