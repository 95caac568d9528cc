#include "model/exported.h"

#include <ATen/ATen.h>
#include <dlfcn.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>
#include <torch/csrc/jit/serialization/import.h>

#include <memory>
#include <sstream>

#include "model/place.h"
#include "unmask/error.h"

namespace unmask {
namespace {

using torch::inductor::AOTIModelPackageLoader;

/// A package's code looks for libtorch's symbols among those that are visible to all. Ours were
/// loaded for the engine alone.
void show_libtorch() { ::dlopen("libtorch_cpu.so", RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL); }

at::Tensor run_package(AOTIModelPackageLoader& package, const at::Tensor& ids) {
  return package.run({ids}).at(0);
}

}  // namespace

ExportedNetwork::ExportedNetwork(const ModelSpec& spec, const MappedFile& file)
    : vocab_rows_(spec.vocab_rows), name_(display(file.path())) {
  try {
    run_ = open(file.path());
  } catch (const std::exception& problem) {
    const std::string all = problem.what();
    throw Error(
        ErrorCode::checkpoint, name_ + ": cannot be opened: " + all.substr(0, all.find('\n')),
        "it must be TorchScript, or a .pt2 package as scripts/export_module.py makes it, with "
        "torch 2.15 and on this kind of processor");
  }
}

ExportedNetwork::Program ExportedNetwork::open(const std::filesystem::path& path) {
  if (path.extension() == ".pt2") {
    show_libtorch();
    const auto package = std::make_shared<AOTIModelPackageLoader>(path.string());
    return [package](const at::Tensor& ids) { return run_package(*package, ids); };
  }
  auto module = std::make_shared<torch::jit::Module>(torch::jit::load(path.string()));
  module->eval();
  return [module](const at::Tensor& ids) { return module->forward({ids}).toTensor(); };
}

at::Tensor ExportedNetwork::hidden(const Batch& batch, std::vector<at::Tensor>* layers) const {
  if (layers != nullptr) {
    throw Error(ErrorCode::usage, name_ + " is a program and does not show its hidden states");
  }
  std::vector<at::Tensor> all;
  for (const Stretch& stretch : batch.sequences) {
    const at::Tensor ids = batch.ids.slice(0, stretch.begin, stretch.end).unsqueeze(0);
    const at::Tensor logits = run_(ids);
    if (logits.dim() != 3 || logits.size(1) != ids.size(1) || logits.size(2) != vocab_rows_) {
      std::ostringstream shape;
      shape << logits.sizes();
      throw Error(ErrorCode::checkpoint, name_ + ": gives logits of shape " + shape.str() +
                                             " for " + std::to_string(ids.size(1)) +
                                             " ids; config.json says vocab_size " +
                                             std::to_string(vocab_rows_));
    }
    all.push_back(logits.squeeze(0));
  }
  return all.size() == 1 ? all.front() : at::cat(all);
}

at::Tensor ExportedNetwork::logits(const at::Tensor& rows) const { return widened(rows); }

}  // namespace unmask
