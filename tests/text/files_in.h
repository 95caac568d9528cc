// The files of a folder as those of a checkpoint.
#pragma once

#include <filesystem>

#include "checkpoint/checkpoint.h"
#include "text/tokenizer_files.h"

namespace unmask::testing {

inline TokenizerFiles files_in(const std::filesystem::path& folder) {
  return TokenizerFiles(Checkpoint::open(folder));
}

}  // namespace unmask::testing
