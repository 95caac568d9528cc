// A transformer described by plain numbers: what a family's config.json comes down to.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace unmask {

/// Rotary position embedding over the first half and second half of each head (not interleaved).
struct RotarySpec {
  double theta = 10000;
  /// The cosine and sine are rounded to the computing type before use (Dream), instead of the
  /// rotation being done in float32 (LLaDA). Matters below float32 only.
  bool tables_in_compute_type = false;
};

/// Names of a layer's tensors below the layer's prefix. An empty name: the family has none.
struct LayerNames {
  std::string attention_norm, query, key, value, output;
  std::string mlp_norm, gate, up, down;
};

/// Names of the tensors in the checkpoint.
struct TensorNames {
  std::string embedding;
  std::string layer;  ///< prefix with {} for the layer's index: "model.layers.{}."
  LayerNames in_layer;
  std::string final_norm;
  std::string head;  ///< not looked up when the head is tied to the embedding
};

/// Pre-norm RMSNorm, rotary grouped-query attention, SwiGLU: the shape nearly all families share.
struct ModelSpec {
  int vocab_rows = 0;  ///< rows of the embedding and of the head; ids at or above are invalid
  int hidden = 0;
  int layers = 0;
  int heads = 0;
  int kv_heads = 0;  ///< query head h reads key/value head h / (heads / kv_heads)
  int head_dim = 0;
  int intermediate = 0;
  double norm_eps = 1e-6;
  RotarySpec rotary;
  bool qkv_bias = false;
  bool tied_head = false;
  double embedding_scale = 1;  ///< multiplies the embeddings
  double logit_scale = 1;      ///< multiplies the logits
  TensorNames names;
};

/// The tensors that a checkpoint of this spec must hold, with their shapes.
std::vector<TensorSpec> needed_tensors(const ModelSpec& spec);

/// Throws Error{usage} for the first id that the embedding has no row for.
void check_ids(std::span<const int> ids, const ModelSpec& spec);

/// "model.layers.3." for layer 3.
std::string layer_prefix(const ModelSpec& spec, int layer);

}  // namespace unmask
