// The way to a checkpoint for who has only these headers.
#pragma once

#include <filesystem>
#include <memory>

namespace unmask {

/// A checkpoint that has been opened: its configuration, its files and its tensors.
class Checkpoint;

/// Opens a folder with config.json, *.safetensors and a tokenizer. Nothing in it is read before it
/// is needed. Throws Error{checkpoint} where there is no such folder.
std::shared_ptr<const Checkpoint> open_checkpoint(const std::filesystem::path& folder);

}  // namespace unmask
