// Any other network as an exported module: a package of torch.export or TorchScript beside a
// config.json that says how it is decoded. It maps ids [1, tokens] to logits [1, tokens, vocab].
#include <utility>

#include "base/utf8.h"
#include "checkpoint/folder.h"
#include "family/config_reader.h"
#include "family/registry.h"

namespace unmask {
namespace {

bool recognises(std::string_view model_type, std::string_view) { return model_type == "exported"; }

std::string read_module_name(const JsonField& config) {
  const std::string name = config.text_or("module", "model.pt2");
  if (is_plain_file_name(name)) return name;
  throw config.at("module").error("must be the name of a file in the checkpoint's folder");
}

ModelFacts read(const JsonField& config) {
  ModelFacts facts;
  facts.spec.network = NetworkKind::exported;
  facts.spec.module = read_module_name(config);
  facts.spec.vocab_rows = facts.vocab = read_size(config, "vocab_size", kMaxVocab);
  facts.mask_id = read_token_id(config, "mask_token_id");
  facts.end_ids = read_token_ids(config, "eos_token_id", {});
  if (config.has("context")) facts.context = read_size(config, "context", kMaxContext);
  if (config.has("block_size")) facts.block = read_size(config, "block_size", kMaxContext);
  facts.logit_shift = config.boolean_or("logit_shift", false);
  return facts;
}

DecodeOptions reference(const ModelFacts& facts) {
  DecodeOptions options;
  options.block = facts.block;
  return options;
}

}  // namespace

MappedFile exported_module(const Checkpoint& checkpoint, const ModelSpec& spec) {
  if (auto file = checkpoint.member(spec.module)) return std::move(*file);
  throw Error(ErrorCode::checkpoint, checkpoint.where() + ": the program that is the network, " +
                                         utf8::quoted(spec.module) + ", is missing");
}

const Family kExported{"exported", "any network as an exported module", recognises, nullptr, read,
                       reference};

}  // namespace unmask
