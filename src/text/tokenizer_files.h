// What a tokenizer and a chat format are read from.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/file_source.h"
#include "base/lazy.h"
#include "text/tokenizer_config.h"

namespace unmask {

/// The files of a checkpoint that have to do with text. Those with settings are read once, when
/// the first one asks. May be shared by threads.
class TokenizerFiles {
 public:
  explicit TokenizerFiles(std::shared_ptr<const FileSource> files) : files_(std::move(files)) {}

  std::optional<MappedFile> member(std::string_view name) const { return files_->member(name); }
  std::string where() const { return files_->where(); }

  /// Error{checkpoint} when one of the files is damaged.
  const TokenizerConfig& config() const {
    return config_.get([this] { return read_tokenizer_config(*files_); });
  }

 private:
  std::shared_ptr<const FileSource> files_;
  Lazy<TokenizerConfig> config_;
};

}  // namespace unmask
