// From what was typed after -m to a checkpoint folder on this machine. Never the network.
#pragma once

#include <filesystem>
#include <string>

namespace unmask {

/// A folder that holds config.json: `model` itself when it is a folder, else `org/name[@revision]`
/// in a local Hugging Face hub cache: $HF_HUB_CACHE, $HF_HOME/hub, $XDG_CACHE_HOME/huggingface/hub,
/// ~/.cache/huggingface/hub, the first that has it. The revision is a branch, tag or commit.
/// Throws Error{checkpoint} that names every place searched and the command that would fetch it.
std::filesystem::path locate_checkpoint(const std::string& model);

}  // namespace unmask
