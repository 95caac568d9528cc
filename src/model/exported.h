// A network that comes as a program: ids in, logits out.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "family/model_spec.h"
#include "model/network.h"

namespace unmask {

/// Runs one sequence after the other; every one is computed whole, so there is nothing to cache.
/// The program is code from the checkpoint: whoever makes one of these has asked the user.
class ExportedNetwork : public Network {
 public:
  /// Opens a .pt2 package (torch.export and AOTInductor) or a TorchScript file. Throws
  /// Error{checkpoint} when it cannot be opened.
  ExportedNetwork(const ModelSpec& spec, const MappedFile& file);

  /// The logits themselves, [tokens, head rows].
  at::Tensor hidden(const Batch& batch, std::vector<at::Tensor>* layers) const override;
  at::Tensor logits(const at::Tensor& rows) const override;

 private:
  /// int64 [1, tokens] -> [1, tokens, head rows]
  using Program = std::function<at::Tensor(const at::Tensor& ids)>;
  static Program open(const std::filesystem::path& path);

  std::int64_t vocab_rows_;
  std::string name_;
  Program run_;
};

}  // namespace unmask
