// TensorStore: from one file, or from the shards that an index names.
#include "checkpoint/tensor_store.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;

const std::string kSingleFile = "model.safetensors";
const std::string kIndexFile = "model.safetensors.index.json";
constexpr std::uint64_t kLargestIndex = 64U << 20;
const std::string kFetchCheckpoint = "perhaps an incomplete download; fetch the checkpoint again";

// Which files make up the weights, and what model.safetensors.index.json says of them.
struct Index {
  std::set<std::string> shards;
  std::map<std::string, std::string> shard_of;  // tensor -> file name
  std::optional<std::uint64_t> total_size;      // of all tensors, in bytes
};

Index read_index(const MappedFile& file) {
  const std::string path = display(file.path());
  const Json document = parse_json(file.text(kLargestIndex), path);
  const JsonField root(document, path + ":");
  const JsonField weight_map = root.at("weight_map");
  if (!weight_map.value().is_object()) throw weight_map.error("must be an object");
  Index index;
  for (const auto& [tensor, value] : weight_map.value().items()) {
    const JsonField field = weight_map.at(tensor);
    const std::string shard = field.text();
    if (!is_plain_file_name(shard)) {
      throw field.error("is " + utf8::quoted(shard) + "; a shard name must be a plain file name");
    }
    index.shard_of.emplace(tensor, shard);
    index.shards.insert(shard);
  }
  if (root.has("metadata") && root.at("metadata").has("total_size")) {
    const Json& size = root.at("metadata").at("total_size").value();
    if (size.is_number_unsigned()) index.total_size = size.get<std::uint64_t>();
  }
  return index;
}

Error no_weights(const CheckpointFolder& folder) {
  for (const auto* pickled : {"pytorch_model.bin", "pytorch_model.bin.index.json"}) {
    if (folder.has(pickled)) {
      return Error(ErrorCode::checkpoint,
                   folder.where() + ": has its weights only as " + pickled +
                       ", a format that can run code and is never opened",
                   "convert them to safetensors");
    }
  }
  return Error(ErrorCode::checkpoint,
               folder.where() + ": has neither " + kSingleFile + " nor " + kIndexFile +
                   "; it has " + folder.list(),
               kFetchCheckpoint);
}

Index find_weights(const CheckpointFolder& folder) {
  if (folder.has(kSingleFile)) return {{kSingleFile}, {}, {}};
  if (const auto file = folder.member(kIndexFile)) return read_index(*file);
  throw no_weights(folder);
}

SafetensorsFile open_shard(const CheckpointFolder& folder, const std::string& name,
                           const Index& index) {
  if (auto file = folder.member(name)) return SafetensorsFile(std::move(*file));
  const auto lost = std::count_if(index.shard_of.begin(), index.shard_of.end(),
                                  [&](const auto& entry) { return entry.second == name; });
  throw Error(ErrorCode::checkpoint,
              folder.where() + ": shard " + utf8::quoted(name) + " with " + std::to_string(lost) +
                  " tensors is missing",
              kFetchCheckpoint);
}

using FileOfTensor = std::map<std::string_view, const SafetensorsFile*>;

FileOfTensor files_of_tensors(const std::vector<SafetensorsFile>& shards) {
  FileOfTensor file_of;
  for (const SafetensorsFile& shard : shards) {
    for (const auto& [name, tensor] : shard.tensors()) {
      const auto [other, is_new] = file_of.emplace(name, &shard);
      if (!is_new) {
        throw Error(ErrorCode::checkpoint, "tensor " + utf8::quoted(name) + " is in two shards, " +
                                               display(other->second->path()) + " and " +
                                               display(shard.path()));
      }
    }
  }
  return file_of;
}

void check_places(const Index& index, const fs::path& index_path, const FileOfTensor& file_of) {
  for (const auto& [tensor, shard] : index.shard_of) {
    const auto found = file_of.find(tensor);
    const std::string actual =
        found == file_of.end() ? "" : found->second->path().filename().native();
    if (actual == shard) continue;
    throw Error(ErrorCode::checkpoint,
                display(index_path) + ": says that tensor " + utf8::quoted(tensor) + " is in " +
                    utf8::quoted(shard) + ", but " +
                    (actual.empty() ? "no shard has it" : "it is in " + utf8::quoted(actual)));
  }
}

}  // namespace

TensorStore::TensorStore(const CheckpointFolder& folder) {
  const Index index = find_weights(folder);
  for (const std::string& name : index.shards) {
    shards_.push_back(open_shard(folder, name, index));
  }
  const fs::path index_path = folder.path() / kIndexFile;
  check_places(index, index_path, files_of_tensors(shards_));

  std::uint64_t bytes = 0;
  for (const SafetensorsFile& shard : shards_) {
    for (const auto& [name, tensor] : shard.tensors()) {
      tensors_.emplace(name, &tensor);
      bytes += tensor.bytes.size();
    }
  }
  // Some writers count shared tensors twice: worth a word, not a refusal.
  if (index.total_size.value_or(bytes) != bytes) {
    log::warning(display(index_path) + ": says that the tensors have " +
                 std::to_string(*index.total_size) + " bytes, they have " + std::to_string(bytes));
  }
}

const TensorView* TensorStore::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : found->second;
}

}  // namespace unmask
