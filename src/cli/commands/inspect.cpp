// The command `inspect`: what a checkpoint is, what it needs and whether it is sound.
#include <functional>

#include "base/log.h"
#include "cli/command.h"
#include "cli/inspect_report.h"
#include "io/output.h"
#include "session/model_folder.h"
#include "session/special_ids.h"
#include "text/chat_format.h"
#include "text/tokenizer_files.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr std::string_view kIntroduction =
    R"(Usage: unmask inspect [MODEL] [FLAGS]

Says what a checkpoint is, what it needs and whether all its tensors are there. Exit code 3 when it is
not sound.
)";

constexpr int kUnsound = static_cast<int>(ErrorCode::checkpoint);

/// What is wrong with its text half is one of the checkpoint's problems.
void inspect_text_half(Inspection& found) {
  const auto attempt = [&](const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      found.checkup.problems.emplace_back(error.what());
    }
  };
  const TokenizerFiles files(found.checkpoint);
  attempt([&] { found.tokenizer = load_tokenizer(files); });
  attempt([&] {
    if (const auto format = find_chat_format(files)) found.chat_format = format->name();
  });
  attempt([&] { fill_special_ids(files, found.tokenizer.get(), found.facts); });
  attempt([&] { require_mask_id(found.facts); });
}

int run_inspect(const Args& args) {
  const std::optional<std::string> model = one_model(args);
  const Output output(args.output);
  Inspection found;
  found.checkpoint = open_model(model);
  found.facts = read_facts(*found.checkpoint, args.settings.model.family);
  found.checkup = check_weights(*found.checkpoint, found.facts, args.has("check-values"));
  inspect_text_half(found);
  output.write(args.json ? json_line(inspection_json(found)) : inspection_text(found));
  const std::vector<std::string>& problems = found.checkup.problems;
  if (problems.empty()) return 0;
  log::error(found.checkpoint->where() + " is not sound: " + problems.front());
  return kUnsound;
}

}  // namespace

Command inspect_command() {
  return {.name = "inspect",
          .summary = "Say what a checkpoint is and whether it is sound.",
          .introduction = kIntroduction,
          .flags = "model family check-values output json",
          .own = {{.name = "check-values",
                   .group = "Model",
                   .help = "Look for NaN and infinity in all weights."}},
          .run = run_inspect};
}

}  // namespace unmask
