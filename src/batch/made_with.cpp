#include "batch/made_with.h"

#include <system_error>

#include "session/plan.h"
#include "session/result.h"

namespace unmask {
namespace {

/// Bytes of all files of weights: another checkpoint in the same place has other ones.
std::uint64_t weight_bytes(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(folder, problem)) {
    if (entry.path().extension() == ".safetensors") bytes += entry.file_size(problem);
  }
  return bytes;
}

}  // namespace

OrderedJson fingerprint(const BatchJob& job, const Setup& setup, std::uint64_t seed,
                        const std::optional<InputSummary>& input) {
  const Settings& typed = job.settings;
  OrderedJson json = {{"schema", 1},
                      {"model", setup.folder.native()},
                      {"weight_bytes", weight_bytes(setup.folder)},
                      {"family", setup.facts.family},
                      {"mask_id", setup.facts.mask_id},
                      {"chat_format", setup.format ? setup.format->name() : ""},
                      {"dtype", static_cast<int>(typed.machine.dtype)},
                      {"lines", job.options.lines},
                      {"raw", typed.prompt.raw},
                      {"system", typed.prompt.system.value_or("")},
                      {"allow_special", typed.prompt.allow_special},
                      {"truncate", static_cast<int>(typed.prompt.truncate)},
                      {"stop", typed.run.stops},
                      {"num", typed.run.num},
                      {"max_forwards", typed.run.max_forwards},
                      {"seed", seed}};
  if (typed.model.shift) json["shift"] = *typed.model.shift;
  json["options"] = options_json(run_options(typed.run, setup.facts));
  for (const auto& [name, value] : setup.facts.hole_options) {
    json["options"]["with holes"][name] = value;
  }
  json["input"] =
      input ? OrderedJson{{"bytes", input->bytes}, {"hash", input->hash}} : OrderedJson("a pipe");
  return json;
}

}  // namespace unmask
