#include "cli/batch_fingerprint.h"

#include <system_error>

#include "cli/plan.h"

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

OrderedJson fingerprint(const Args& args, const Setup& setup, std::uint64_t seed,
                        const std::optional<InputSummary>& input) {
  OrderedJson json = {{"schema", 1},
                      {"model", setup.folder.native()},
                      {"weight_bytes", weight_bytes(setup.folder)},
                      {"family", setup.facts.family},
                      {"mask_id", setup.facts.mask_id},
                      {"chat_format", setup.format ? setup.format->name() : ""},
                      {"dtype", static_cast<int>(args.dtype)},
                      {"lines", args.lines},
                      {"raw", args.raw},
                      {"system", args.system.value_or("")},
                      {"allow_special", args.allow_special},
                      {"truncate", static_cast<int>(args.truncate)},
                      {"stop", args.stops},
                      {"num", args.num},
                      {"max_forwards", args.max_forwards},
                      {"seed", seed}};
  if (args.shift) json["shift"] = *args.shift;
  json["options"] = options_json(run_options(args, setup.facts));
  for (const auto& [name, value] : setup.facts.hole_options) {
    json["options"]["with holes"][name] = value;
  }
  json["input"] =
      input ? OrderedJson{{"bytes", input->bytes}, {"hash", input->hash}} : OrderedJson("a pipe");
  return json;
}

}  // namespace unmask
