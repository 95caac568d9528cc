// CheckpointConfig of checkpoint.h.
#include "base/file.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/member.h"

namespace unmask {
namespace {

constexpr std::uint64_t kLargestConfig = 4U << 20;  // real ones have a few kilobytes

Json read_object(const std::filesystem::path& folder, const std::string& name) {
  const std::filesystem::path path = checkpoint_member(folder, name);
  Json object = parse_json(read_file(path, kLargestConfig), display(path));
  if (!object.is_object()) {
    throw Error(ErrorCode::checkpoint, display(path) + ": must be a JSON object");
  }
  return object;
}

}  // namespace

CheckpointConfig::CheckpointConfig(const std::filesystem::path& folder)
    : folder_(folder), generation_(Json::object()) {
  if (!has_member(folder, "config.json")) {
    throw Error(ErrorCode::checkpoint,
                display(folder) + ": has no config.json; it has " + list_folder(folder),
                "a checkpoint folder holds config.json, *.safetensors and a tokenizer");
  }
  config_ = read_object(folder, "config.json");
  if (has_member(folder, "generation_config.json")) {
    generation_ = read_object(folder, "generation_config.json");
  }
}

}  // namespace unmask
