#include "checkpoint/checkpoint.h"

#include <system_error>

#include "unmask/checkpoint.h"

namespace unmask {
namespace {

constexpr std::uint64_t kLargestConfig = 4U << 20;  // real ones have a few kilobytes
constexpr const char* kConfig = "config.json";
constexpr const char* kGeneration = "generation_config.json";

Json read_object(const MappedFile& file) {
  Json object = parse_json(file.text(kLargestConfig), display(file.path()));
  if (!object.is_object()) {
    throw Error(ErrorCode::checkpoint, display(file.path()) + ": must be a JSON object");
  }
  return object;
}

Json read_config(const CheckpointFolder& folder) {
  const auto file = folder.member(kConfig);
  if (file) return read_object(*file);
  throw Error(ErrorCode::checkpoint,
              folder.where() + ": has no config.json; it has " + folder.list(),
              "a checkpoint folder holds config.json, *.safetensors and a tokenizer");
}

Json read_generation(const CheckpointFolder& folder) {
  const auto file = folder.member(kGeneration);
  return file ? read_object(*file) : Json::object();
}

}  // namespace

Checkpoint::Checkpoint(const std::filesystem::path& path) : folder_(path) {}

std::shared_ptr<const Checkpoint> Checkpoint::open(const std::filesystem::path& path) {
  return std::shared_ptr<const Checkpoint>(new Checkpoint(path));
}

std::shared_ptr<const Checkpoint> open_checkpoint(const std::filesystem::path& folder) {
  return Checkpoint::open(folder);
}

JsonField Checkpoint::config() const {
  return {config_.get([this] { return read_config(folder_); }), "config.json:"};
}

JsonField Checkpoint::generation() const {
  return {generation_.get([this] { return read_generation(folder_); }), "generation_config.json:"};
}

std::optional<MappedFile> Checkpoint::member(std::string_view name) const {
  return folder_.member(name);
}

const TensorStore& Checkpoint::tensors() const {
  return tensors_.get([this] { return TensorStore(folder_); });
}

std::uint64_t Checkpoint::weight_bytes() const {
  std::uint64_t bytes = 0;
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path(), problem)) {
    if (entry.path().extension() == ".safetensors") bytes += entry.file_size(problem);
  }
  return bytes;
}

}  // namespace unmask
