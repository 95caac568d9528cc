// BD3-LM (kuleshov-group): MDLM's network over blocks. Reference: models/hf, configs/config.yaml
// and diffusion.py of kuleshov-group/bd3lms.
#include "family/config_reader.h"
#include "family/diffusion_transformer.h"
#include "family/registry.h"

namespace unmask {
namespace {

bool recognises(std::string_view model_type, std::string_view) { return model_type == "bd3lm"; }

ModelFacts read(const JsonField& config) {
  require_boolean(config, "causal", false, false);
  require_boolean(config, "cross_attn", true, true);
  ModelFacts facts = read_diffusion_transformer(config);
  DiffusionSpec& diffusion = facts.spec.diffusion;
  diffusion.adaptive = config.boolean_or("adaln", true);
  facts.block = read_size(config, "block_size", kMaxContext);
  // It writes on beyond its length, seeing only that much.
  facts.window = read_size(config, "model_length", kMaxContext);
  return facts;
}

/// "First hitting", the reference's default: the steps at which nothing happens are left out, and
/// each of the others reveals one open position at random.
DecodeOptions reference(const ModelFacts& facts) {
  DecodeOptions options;
  options.length = facts.window > 0 ? facts.window : 1024;
  options.block = facts.block > 0 ? facts.block : 16;
  options.grid = BlockGrid::absolute;
  options.attention = AttentionKind::block;
  options.steps_per = StepsPer::block;
  options.order = Order::random;
  options.sampler = Sampler::categorical;
  return options;
}

}  // namespace

const Family kBd3lm{"bd3lm", "BD3-LM", recognises, nullptr, read, reference};

}  // namespace unmask
