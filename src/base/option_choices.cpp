// The options that are a choice of names.
#include <array>

#include "base/option_text.h"

namespace unmask {
namespace {

constexpr std::array kOrders{
    Spelling{"confidence", Order::confidence},
    Spelling{"margin", Order::margin},
    Spelling{"entropy", Order::entropy},
    Spelling{"random", Order::random},
    Spelling{"left", Order::left},
};
constexpr std::array kGrids{
    Spelling{"prompt", BlockGrid::prompt},
    Spelling{"absolute", BlockGrid::absolute},
};
constexpr std::array kStepsPers{
    Spelling{"canvas", StepsPer::canvas},
    Spelling{"block", StepsPer::block},
};
constexpr std::array kAttentions{
    Spelling{"full", AttentionKind::full},
    Spelling{"block", AttentionKind::block},
};
constexpr std::array kSamplers{
    Spelling{"gumbel", Sampler::gumbel},
    Spelling{"categorical", Sampler::categorical},
};

}  // namespace

void set_order(DecodeOptions& options, std::string_view text) {
  options.order = parse_choice(kOrders, text);
}
void set_grid(DecodeOptions& options, std::string_view text) {
  options.grid = parse_choice(kGrids, text);
}
void set_steps_per(DecodeOptions& options, std::string_view text) {
  options.steps_per = parse_choice(kStepsPers, text);
}
void set_attention(DecodeOptions& options, std::string_view text) {
  options.attention = parse_choice(kAttentions, text);
}
void set_sampler(DecodeOptions& options, std::string_view text) {
  options.sampler = parse_choice(kSamplers, text);
}

std::string to_string(Order order) { return spell(kOrders, order); }
std::string to_string(BlockGrid grid) { return spell(kGrids, grid); }
std::string to_string(StepsPer per) { return spell(kStepsPers, per); }
std::string to_string(AttentionKind attention) { return spell(kAttentions, attention); }
std::string to_string(Sampler sampler) { return spell(kSamplers, sampler); }

}  // namespace unmask
