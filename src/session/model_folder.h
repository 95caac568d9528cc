// Which model: -m, else UNMASK_MODEL, else the one that ships with the program.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace unmask {

/// Folder of the running executable.
std::filesystem::path executable_folder();

/// The checkpoint folder to use; `typed` is what -m names. Error{checkpoint} lists the places where
/// one was looked for.
std::filesystem::path find_model(const std::optional<std::string>& typed);

/// The same for what needs a tokenizer alone: the folder that is named may hold nothing else.
std::filesystem::path find_tokenizer(const std::optional<std::string>& typed);

}  // namespace unmask
