#include "references/parameters.h"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace unmask::testing {
namespace {

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// The parameters of a case; they are taken one by one, and at the end none may be left.
class Params {
 public:
  Params(const Json& params, Options& options) : rest_(params), options_(options) {
    for (const auto& [name, value] : params.items()) {
      if (value.is_null()) rest_.erase(name);
    }
  }
  /// The value of a parameter, or `fallback` where the case leaves it out or null.
  Json take(const std::string& name, const Json& fallback = nullptr) {
    const Json value = rest_.value(name, fallback);
    rest_.erase(name);
    return value;
  }

  /// Sets flag `flag` to the parameter, where it is there.
  void flag(const std::string& name, const std::string& flag, const std::string& prefix = "") {
    const Json value = take(name);
    if (!value.is_null()) set(flag, prefix + text_of(value));
  }

  void flag_if(const std::string& name, const std::string& flag) {
    if (take(name, false)) set(flag, "on");
  }

  void set(const std::string& flag, const std::string& value) {
    options_.emplace_back(flag, value);
  }

  void expect_none_left() const {
    if (!rest_.empty()) throw std::runtime_error("no flag for " + rest_.dump());
  }

 private:
  Json rest_;
  Options& options_;
};

void read_sampling(Params& params) {
  params.flag("temperature", "temperature");
  params.flag("top_p", "top-p");
  params.flag("top_k", "top-k");
}

void read_llada(const Json& json, ReferenceCase& reference, Params& params) {
  reference.preset = "llada";
  params.flag("gen_length", "length");
  params.flag("block_length", "block");
  params.flag("steps", "steps");
  params.flag("cfg_scale", "guidance");
  params.flag("temperature", "temperature");
  params.set("order", params.take("remasking", "") == "random" ? "random" : "confidence");
  params.flag_if("logits_eos_inf", "no-end");
  if (params.take("confidence_eos_eot_inf", false)) {
    params.set("end-last", "on");
    reference.end_ids.push_back(json.at("eot_id"));
  }
}

/// Dream's and Open-dCoder's `alg`.
void read_algorithm(ReferenceCase& reference, Params& params) {
  static const std::map<std::string, std::string> kOrders = {
      {"maskgit_plus", "confidence"}, {"topk_margin", "margin"}, {"entropy", "entropy"}};
  const std::string name = params.take("alg", "entropy");
  if (name == "origin") {
    params.set("commit", "bernoulli");
  } else if (name == "p2") {
    reference.preset = "p2";
  } else {
    params.set("commit", "quota");
    params.set("order", kOrders.at(name));
  }
}

void read_dream(const Json&, ReferenceCase& reference, Params& params) {
  reference.preset = reference.algorithm == "dream" ? "dream" : "open-dcoder";
  read_algorithm(reference, params);
  params.flag("gen_length", "length");
  params.flag("max_new_tokens", "length");
  params.flag("steps", "steps");
  params.flag("eps", "schedule", "dream:");
  params.flag("alg_temp", "order-temperature");
  read_sampling(params);
}

/// Fast-dLLM's choice among the candidates: by threshold, factor or quota.
void read_choice(Params& params) {
  const Json threshold = params.take("threshold"), factor = params.take("factor");
  if (!factor.is_null()) {
    params.set("commit", "factor:" + text_of(factor));
  } else {
    params.set("commit", threshold.is_null() ? "quota" : "threshold:" + text_of(threshold));
  }
}

void read_fast_dllm(const Json&, ReferenceCase& reference, Params& params) {
  reference.preset = "fast-dllm";
  params.flag("gen_length", "length");
  params.flag("block_length", "block");
  params.flag("steps", "steps");
  params.flag("cache", "cache");
  if (reference.algorithm == "fastdllm_llada") return read_choice(params);
  params.set("cache", params.take("dual_cache") ? "dual" : "prefix");
  if (params.take("alg") == "confidence_threshold") return read_choice(params);
  params.set("commit", "quota");
  params.set("order", "entropy");
  params.set("schedule", "dream");
}

void read_fast_dllm_dream(const Json&, ReferenceCase& reference, Params& params) {
  reference.preset = "dream";
  params.flag("gen_length", "length");
  params.flag("steps", "steps");
  params.flag("threshold", "commit", "carry:");
  params.set("schedule", "even");
  params.take("alg");
}

void read_llada2(const Json&, ReferenceCase& reference, Params& params) {
  reference.preset = "llada2";
  const int length = params.take("gen_length");
  // No more steps than leave each of them `minimal_topk` tokens.
  const int most = length / params.take("minimal_topk", 1).get<int>();
  params.set("length", std::to_string(length));
  params.set("steps", std::to_string(std::min(params.take("steps").get<int>(), most)));
  params.flag("block_length", "block");
  params.flag("threshold", "commit", "dynamic:");
  params.flag_if("eos_early_stop", "early-stop");
}

void read_llada21(const Json&, ReferenceCase& reference, Params& params) {
  reference.preset = "llada2.1";
  params.flag("gen_length", "length");
  params.flag("block_length", "block");
  params.set("commit", "threshold:" + params.take("threshold", 0.95).dump() + "," +
                           params.take("num_to_transfer", 1).dump());
  params.set("revise", "edit:" + params.take("editing_threshold", 0.9).dump() + "," +
                           params.take("max_post_steps", 16).dump());
  params.flag_if("eos_early_stop", "early-stop");
}

void read_sdar(const Json&, ReferenceCase& reference, Params& params) {
  reference.preset = "sdar";
  params.flag("gen_length", "length");
  params.flag("block_length", "block");
  params.flag("denoising_steps", "steps");
  reference.end_ids = params.take("stopping_criteria_idx", Json::array()).get<Ids>();
  const std::string strategy = params.take("remasking_strategy");
  const Json threshold = params.take("confidence_threshold"), bound = params.take("eb_threshold");
  if (strategy == "low_confidence_dynamic") {
    params.set("commit", "dynamic:" + threshold.dump());
  } else if (strategy == "entropy_bounded") {
    params.set("commit", "entropy-sum:" + bound.dump());
  } else {
    params.set("commit", "quota");
    params.set("order", strategy == "sequential" ? "left" : "confidence");
  }
}

void read_dllm(const Json& json, ReferenceCase& reference, Params& params) {
  reference.preset = reference.algorithm == "dllm.BD3LMSampler.sample" ? "dllm-bd3lm" : "dllm-mdlm";
  params.set("length", params.take("max_new_tokens", 0).dump());  // none for infill
  params.set("block", params.take("block_size", 0).dump());       // none for the whole canvas
  params.flag("steps", "steps");
  params.flag("cfg_scale", "guidance");
  params.flag("temperature", "temperature");
  params.set("order", params.take("remasking") == "random" ? "random" : "confidence");
  params.set("schedule", "dllm:" + json.at("scheduler").get<std::string>());
  reference.logit_shift = params.take("right_shift_logits").get<bool>();
}

void read_smdm(const Json& json, ReferenceCase& reference, Params& params) {
  reference.preset = "smdm";
  const int context = params.take("context_length");
  params.set("length", std::to_string(context - static_cast<int>(json.at("prompts")[0].size())));
  params.flag("steps", "steps");
  params.flag("cfg_scale", "guidance");
  params.flag("temperature", "temperature");
  params.flag("eps", "schedule", "dream:");
  params.set("commit", params.take("alg") == "origin" ? "bernoulli" : "quota");
  reference.coupled = json.at("prompts").size() > 1;  // the best of the whole batch are committed
}

void read_rnd1(const Json&, ReferenceCase& reference, Params& params) {
  reference.preset = "rnd1";
  params.set("length", "0");  // the canvas is given
  for (const char* name : {"prefix_ids", "suffix_ids", "infill_length", "seq_len", "add_eos_at_end",
                           "bos_token_id", "temperature", "greedy"}) {
    params.take(name);
  }
  params.flag("num_steps", "steps");
  params.flag("top_k", "top-k");
  params.flag("top_p", "top-p");
  const Json bound = params.take("eb_gamma");
  if (!bound.is_null()) {
    params.set("order", "confidence");
    params.set("commit", "entropy-bound:" + bound.dump());
  }
}

void read_fast_dllm_v2(const Json& json, ReferenceCase& reference, Params& params) {
  reference.preset = "fast-dllm-v2";
  const int prompt = static_cast<int>(json.at("prompt").size());
  const int block = params.take("block_size");
  // Whole blocks, the prompt's last one included, and the token that the last one predicts.
  const int blocks = prompt / block + params.take("max_new_tokens").get<int>() / block;
  params.set("length", std::to_string(blocks * block + 1 - prompt));
  params.set("block", std::to_string(block));
  params.flag("small_block_size", "sub-block");
  params.set("commit", "threshold:" + params.take("threshold").dump() + ",1");
  params.set("cache", params.take("use_block_cache") ? "sub-block" : "block");
  params.flag("temperature", "temperature");
  params.take("top_p");
  params.set("top-p", "1");  // has no effect at temperature 0 there
  if (json.at("stop_token").is_null()) return;
  reference.end_ids = {json.at("stop_token").get<int>()};
  params.set("early-stop", "on");
}

using ReadParameters = void (*)(const Json& json, ReferenceCase& reference, Params& params);

ReadParameters reader_of(const std::string& algorithm) {
  static const std::map<std::string, ReadParameters> kReaders = {
      {"llada", read_llada},
      {"dream", read_dream},
      {"fastdllm_llada", read_fast_dllm},
      {"fastdllm_dream", read_fast_dllm_dream},
      {"fastdllm_dream_block", read_fast_dllm},
      {"open_dcoder", read_dream},
      {"open_dcoder.diffusion_generate", read_dream},
      {"llada2", read_llada2},
      {"llada21", read_llada21},
      {"sdar.block_diffusion_generate", read_sdar},
      {"dllm.MDLMSampler.sample", read_dllm},
      {"dllm.MDLMSampler.infill", read_dllm},
      {"dllm.BD3LMSampler.sample", read_dllm},
      {"smdm.diff_sample", read_smdm},
      {"rnd1.diffusion_sample", read_rnd1},
      {"fast_dllm_v2.generate", read_fast_dllm_v2},
  };
  const auto found = kReaders.find(algorithm);
  return found == kReaders.end() ? nullptr : found->second;
}

}  // namespace

bool read_parameters(const Json& json, ReferenceCase& reference) {
  const ReadParameters read = reader_of(reference.algorithm);
  if (read == nullptr) {
    if (reference.algorithm.ends_with("with supplied uniforms")) return false;
    throw std::runtime_error("no preset for '" + reference.algorithm + "'");
  }
  if (json.contains("eos_id")) reference.end_ids = {json.at("eos_id").get<int>()};
  Params params(json.at("params"), reference.options);
  read(json, reference, params);
  params.expect_none_left();
  return true;
}

}  // namespace unmask::testing
