// The command `config`: what a preset means for a model, as the flags that say the same.
#include "cli/command.h"
#include "family/family.h"
#include "io/output.h"
#include "session/model_folder.h"
#include "session/plan.h"
#include "session/result.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr std::string_view kIntroduction =
    R"(Usage: unmask config [MODEL] [--preset NAME] [FLAGS]

Prints every decoding option of a model as the command line that says the same, with the preset and the
flags applied. With --json as an object. No weights are needed.
)";

std::string joined(const OrderedJson& ids) {
  std::string text;
  for (const OrderedJson& id : ids) text += (text.empty() ? "" : " ") + id.dump();
  return text;
}

/// One option per line: "--order confidence". What has no value to be typed is left out.
std::string flag_line(const std::string& name, const OrderedJson& value) {
  if (value.is_boolean()) return (value.get<bool>() ? "--" : "--no-") + name + '\n';
  if (value.is_array()) return value.empty() ? "" : "--" + name + " \"" + joined(value) + "\"\n";
  return "--" + name + ' ' + (value.is_string() ? value.get<std::string>() : value.dump()) + '\n';
}

std::string flag_lines(const DecodeOptions& options) {
  std::string lines;
  const OrderedJson all = options_json(options);
  for (const auto& [name, value] : all.items()) {
    const bool is_default_steps = name == "steps" && options.steps == 0;  // one per token
    const bool is_absent = name == "no-end" && !options.no_end;  // a switch without a negation
    if (!is_default_steps && !is_absent) lines += flag_line(name, value);
  }
  return lines;
}

int run_config(const Args& args) {
  const std::optional<std::string> model = one_model(args);
  const Settings& typed = args.settings;
  const Output output(args.output);
  const ModelFacts facts =
      read_facts(*open_model(model), typed.model.family, typed.run.preset.value_or(""));
  const DecodeOptions options = run_options(typed.run, facts);
  output.write(args.json ? json_line(options_json(options)) : flag_lines(options));
  return 0;
}

}  // namespace

Command config_command() {
  return {.name = "config",
          .summary = "Print the decoding options of a model.",
          .introduction = kIntroduction,
          .flags = "model family @decoding preset output json",
          .run = run_config};
}

}  // namespace unmask
