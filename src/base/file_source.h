// Files that belong together, by their names: what a tokenizer is read from, wherever it lies.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"

namespace unmask {

class FileSource {
 public:
  virtual ~FileSource() = default;

  /// The file of that name; nothing where there is none. Error{checkpoint} for a file that may not
  /// be read from here.
  virtual std::optional<MappedFile> member(std::string_view name) const = 0;

  /// What all of them are called in a message: the folder.
  virtual std::string where() const = 0;
};

}  // namespace unmask
