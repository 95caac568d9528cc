// MDLM (kuleshov-group). Reference: models/dit.py, configs/config.yaml and diffusion.py of
// kuleshov-group/mdlm.
#include "family/config_reader.h"
#include "family/diffusion_transformer.h"
#include "family/registry.h"

namespace unmask {
namespace {

bool recognises(std::string_view model_type, std::string_view) { return model_type == "mdlm"; }

ModelFacts read(const JsonField& config) {
  ModelFacts facts = read_diffusion_transformer(config);
  facts.context = read_size(config, "model_length", kMaxContext);
  return facts;
}

DecodeOptions reference(const ModelFacts& facts) {
  DecodeOptions options;
  options.length = facts.context > 0 ? facts.context : 1024;
  options.steps = 128;
  set_option(options, "schedule", "linear:1e-5");
  set_option(options, "commit", "ancestral");
  options.sampler = Sampler::categorical;
  return options;
}

}  // namespace

const Family kMdlm{"mdlm", "MDLM", recognises, nullptr, read, reference};

}  // namespace unmask
