// The keys of config.json that nearly all families share with Qwen2, Qwen3 and Llama of
// transformers.
#pragma once

#include <string_view>

#include "base/json.h"
#include "family/model_spec.h"

namespace unmask {

/// What differs in how families use the shared keys.
struct SharedKeys {
  std::string_view intermediate = "intermediate_size";
  bool llama3_rope = false;     ///< the rope type "llama3" is known
  bool partial_rotary = false;  ///< `partial_rotary_factor` may leave a part of each head alone
};

/// Sizes, norm, rotary embedding and tying of the head, with the tensor names of a dense Qwen2.
/// Throws Error{checkpoint} that names the key for sizes out of range or that do not fit each
/// other, and for switches that the network does not have: another activation, a sliding window,
/// other kinds of rotary scaling.
ModelSpec read_shared_keys(const JsonField& config, const SharedKeys& keys = {});

/// `attention_bias`: of queries, keys, values and of the output projection.
void read_attention_bias(const JsonField& config, ModelSpec& spec);

/// RMSNorm of queries and keys, as Qwen3 has it.
void add_qk_norm(ModelSpec& spec);

/// Experts as in Qwen3-MoE: the keys num_experts, num_experts_per_tok, moe_intermediate_size and
/// norm_topk_prob, and the tensor names. All layers have them.
void read_qwen_experts(const JsonField& config, ModelSpec& spec);

/// `max_position_embeddings`.
int read_context(const JsonField& config);

}  // namespace unmask
