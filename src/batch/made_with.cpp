#include "batch/made_with.h"

#include "batch/fingerprint.h"
#include "session/plan.h"
#include "session/result.h"

namespace unmask {
namespace {

/// Those settings that decide by what was typed.
template <class Of>
void add_settings(std::span<const Setting<Of>> table, const Of& typed, OrderedJson& json) {
  for (const Setting<Of>& setting : table) {
    if (setting.decides != Decides::answer) continue;
    if (const auto text = setting.access.get(typed)) json[setting.name] = *text;
  }
}

/// Options for all lines, and what lines can make of them: by a preset of the checkpoint, by holes,
/// and where a preset of their own does not reach what was typed.
void add_options(const RunOptions& run, const ModelFacts& facts, OrderedJson& json) {
  for (const auto& [name, value] : run.decoding) json["typed"][name] = value;
  json["options"] = options_json(run_options(run, facts));
  for (const auto& [name, value] : facts.hole_options) json["options"]["with holes"][name] = value;
  for (const auto& [name, options] : facts.presets) json["presets"][name] = options_json(options);
}

}  // namespace

OrderedJson fingerprint(const BatchJob& job, const Setup& setup, std::uint64_t seed,
                        const std::optional<InputSummary>& input) {
  OrderedJson json = {{"schema", kFingerprintSchema},
                      {"model", setup.checkpoint->path().native()},
                      {"weight_bytes", setup.checkpoint->weight_bytes()},
                      {"family", setup.facts.family},
                      {"mask_id", setup.facts.mask_id},
                      {"chat_format", setup.format ? setup.format->name() : ""},
                      {"seed", seed}};
  add_settings(settings(), job.settings, json);
  add_settings(batch_settings(), job.options, json);
  add_options(job.settings.run, setup.facts, json);
  json["input"] =
      input ? OrderedJson{{"bytes", input->bytes}, {"hash", input->hash}} : OrderedJson("a pipe");
  return json;
}

}  // namespace unmask
