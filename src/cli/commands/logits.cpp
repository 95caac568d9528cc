// The command `logits`: token ids -> raw network outputs in a safetensors file.
#include "checkpoint/safetensors.h"
#include "cli/command.h"
#include "io/output.h"
#include "session/session.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr std::string_view kIntroduction =
    R"(Usage: unmask logits -m MODEL --ids "1 2 3" [--ids ...] -o FILE.safetensors

Writes what the network gives for token ids, before any logit shift: float32 tensors logits.0, logits.1,
... of shape [tokens, vocabulary], one for each --ids.
)";

/// The family's own attention, changed by --attention and --block.
Attention choose_attention(const RunOptions& run, const ModelFacts& facts) {
  const auto kind = run.typed("attention");
  const auto length = run.typed("block");
  DecodeOptions options = facts.reference;
  if (options.attention == AttentionKind::full) options.block = 0;
  if (kind) set_option(options, "attention", *kind);
  if (length) set_option(options, "block", *length);
  if (kind && options.attention == AttentionKind::full) {
    if (!length) return {};
    throw Error(ErrorCode::usage, "--block is for --attention block, not for full attention");
  }
  if (kind && options.block == 0) {
    throw Error(ErrorCode::usage, "--attention block needs the block length", "add --block N");
  }
  return {.block = options.block};
}

/// "logits" and "hidden.layer0" of sequence 2 are "logits.2" and "hidden.2.layer0".
std::string tensor_name(const std::string& name, std::size_t sequence) {
  const auto dot = std::min(name.find('.'), name.size());
  return name.substr(0, dot) + "." + std::to_string(sequence) + name.substr(dot);
}

std::vector<NamedTensor> name_tensors(const std::vector<RawLogits>& all) {
  std::vector<NamedTensor> tensors;
  for (std::size_t k = 0; k < all.size(); ++k) {
    for (const RawLogits::Tensor& tensor : all[k].tensors) {
      tensors.push_back({tensor_name(tensor.name, k), DType::f32, tensor.shape,
                         std::as_bytes(std::span(tensor.values))});
    }
  }
  return tensors;
}

int run_logits(const Args& args) {
  if (args.ids.empty() || !args.words.empty()) {
    throw Error(ErrorCode::usage, "logits takes token ids",
                "unmask logits --ids \"1 2 3\" -o FILE");
  }
  const Output output(args.output);
  if (!args.output || output.is_terminal()) {
    throw Error(ErrorCode::usage, "logits writes a binary file",
                "name it with -o FILE.safetensors");
  }
  Session session(args.settings, Prompts::none);
  const ModelFacts& facts = session.setup()->facts;
  const Attention attention = choose_attention(args.settings.run, facts);
  for (const std::vector<int>& ids : args.ids) {
    if (ids.empty()) throw Error(ErrorCode::usage, "--ids holds no ids");
    check_ids(ids, facts.spec);
  }
  const auto all = session.engine().logits(args.ids, attention, args.has("hidden"));
  output.write(serialize_safetensors(name_tensors(all)));
  return 0;
}

}  // namespace

Command logits_command() {
  return {.name = "logits",
          .summary = "Write what the network gives for token ids.",
          .introduction = kIntroduction,
          .flags = "ids model family allow-code hidden block attention output threads dtype device",
          .own = {{.name = "hidden",
                   .group = "Network",
                   .help = "Hidden states too: hidden.K.embed, hidden.K.layerN."}},
          .run = run_logits};
}

}  // namespace unmask
