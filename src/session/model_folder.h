// Which model: -m, else UNMASK_MODEL, else the one that ships with the program.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "checkpoint/checkpoint.h"

namespace unmask {

/// Folder of the running executable.
std::filesystem::path executable_folder();

/// The checkpoint to use; `typed` is what -m names. Error{checkpoint} lists the places where one
/// was looked for.
std::shared_ptr<const Checkpoint> open_model(const std::optional<std::string>& typed);

/// The same for what needs a tokenizer alone: the folder that is named may hold nothing else.
std::shared_ptr<const Checkpoint> open_tokenizer(const std::optional<std::string>& typed);

}  // namespace unmask
