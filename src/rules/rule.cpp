#include "rules/rule.h"

#include "rules/cards.h"

namespace unmask {

std::unique_ptr<Rule> make_rule(const DecodeOptions& options, const Canvas& canvas) {
  for (const MakeRule make : {options.revise.card->make_whole, options.commit.card->make_whole}) {
    if (make != nullptr) return make(options, canvas);
  }
  if (options.sub_block > 0) return make_sub_block_rule(options, canvas);
  return make_block_rule(options, canvas);
}

}  // namespace unmask
