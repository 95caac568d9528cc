#include "rules/rule.h"

namespace unmask {

std::unique_ptr<Rule> make_rule(const DecodeOptions& options, const Canvas& canvas) {
  check_options(options);
  if (options.commit == CommitKind::ancestral || options.commit == CommitKind::analytic) {
    return make_ancestral_rule(options, canvas);
  }
  if (options.revise == ReviseKind::edit) return make_edit_rule(options, canvas);
  if (options.revise == ReviseKind::p2) return make_p2_rule(options, canvas);
  if (options.revise == ReviseKind::wino) return make_wino_rule(options, canvas);
  if (options.commit == CommitKind::verify) return make_verify_rule(options, canvas);
  if (options.sub_block > 0) return make_sub_block_rule(options, canvas);
  return make_block_rule(options, canvas);
}

}  // namespace unmask
