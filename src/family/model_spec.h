// A transformer described by plain numbers: what a family's config.json comes down to.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace unmask {

/// Llama 3.1's change of the rotary frequencies (transformers' rope type "llama3"): wavelengths
/// beyond original_context / low are divided by the factor, those within original_context / high
/// stay, and in between the change is gradual.
struct Llama3Rope {
  double factor = 1, low = 1, high = 4;
  int original_context = 8192;
};

/// In which type cosine and sine are held before the rotation. Matters below float32 only, except
/// for bfloat16.
enum class RotaryTables {
  float32,       ///< LLaDA: the rotation is done in float32
  compute_type,  ///< Dream and most others
  bfloat16,      ///< SMDM: rounded to bfloat16 whatever the computing type is
};

/// Rotary position embedding over the first half and second half of each head (not interleaved).
struct RotarySpec {
  double theta = 10000;
  /// How many of a head's first numbers are rotated; the others pass through. 0: all.
  int dims = 0;
  RotaryTables tables = RotaryTables::float32;
  std::optional<Llama3Rope> llama3;
};

/// How a token's experts are found.
enum class Router {
  softmax,         ///< the largest of softmax(scores)
  sigmoid_groups,  ///< LLaDA2: the largest of sigmoid(scores) + bias within the best groups
};

/// Mixture of experts in place of the feed-forward part of a layer. Router arithmetic is float32.
struct ExpertsSpec {
  int count = 0;         ///< 0: no layer has experts
  int per_token = 0;     ///< how many of them a token uses
  int intermediate = 0;  ///< inner size of each
  Router router = Router::softmax;
  bool bias = false;         ///< a bias per expert is added to what experts are chosen by
  bool biased_mix = false;   ///< and to what they are weighted with (LLaDA-MoE)
  bool renormalize = false;  ///< the weights of a token's experts sum to 1
  double scale = 1;          ///< multiplies the weights
  int groups = 1;            ///< sigmoid_groups: consecutive groups of experts
  int top_groups = 1;        ///< and how many of them are looked at
  int shared_intermediate =
      0;  ///< inner size of the expert that every token uses; 0: there is none
  std::vector<int> dense_layers = {};  ///< layers with a plain feed-forward part instead, ascending
};

/// How the query, key and value projections lie in the checkpoint.
enum class QkvLayout {
  separate,
  fused,           ///< one tensor `query`: rows of all query heads, then of all keys, then values
  fused_by_group,  ///< one tensor `query`: for each key/value head its query heads, key, value
};

/// Names of a layer's tensors below the layer's prefix, without ".weight" and ".bias". An empty
/// name: the family has none.
struct LayerNames {
  std::string attention_norm = {}, query = {}, key = {}, value = {}, output = {};
  std::string query_norm = {}, key_norm = {};  ///< RMSNorm over each head, before the rotation
  std::string mlp_norm = {}, gate = {}, up = {}, down = {};
  std::string router = {};       ///< "mlp.gate"
  std::string expert_bias = {};  ///< the whole name: "mlp.gate.expert_bias"
  std::string expert = {};       ///< prefix with {} for the expert's index: "mlp.experts.{}."
  std::string shared = {};       ///< prefix: "mlp.shared_experts."
  /// Below both prefixes: "gate_proj".
  std::string expert_gate = {}, expert_up = {}, expert_down = {};
};

/// Names of the tensors in the checkpoint.
struct TensorNames {
  std::string embedding;
  std::string layer;  ///< prefix with {} for the layer's index: "model.layers.{}."
  LayerNames in_layer;
  std::string final_norm;
  std::string head;  ///< not looked up when the head is tied to the embedding
};

/// The diffusion transformer of MDLM and BD3-LM: LayerNorm without bias, each layer shifted, scaled
/// and gated by an embedding of the noise level (adaptive layer norm), GELU feed-forward with
/// biases.
struct DiffusionSpec {
  int conditioning = 0;            ///< width of the noise level's embedding
  bool adaptive = true;            ///< false: no shift, scale and gate (BD3-LM with adaln false)
  bool time_conditioning = false;  ///< false: the noise level counts as 0
};

/// What kind of network the numbers describe.
enum class NetworkKind { transformer, diffusion_transformer, exported };

/// Pre-norm RMSNorm, rotary grouped-query attention, SwiGLU or experts: the shape nearly all
/// families share.
struct ModelSpec {
  NetworkKind network = NetworkKind::transformer;
  int vocab_rows = 0;  ///< rows of the embedding; ids at or above are invalid
  int head_rows = 0;   ///< rows of the head. 0: as many as the embedding has
  int hidden = 0;
  int layers = 0;
  int heads = 0;
  int kv_heads = 0;  ///< query head h reads key/value head h / (heads / kv_heads)
  int head_dim = 0;
  int intermediate = 0;
  ExpertsSpec experts;
  double norm_eps = 1e-6;
  RotarySpec rotary;
  QkvLayout qkv = QkvLayout::separate;
  bool qkv_bias = false;
  bool output_bias = false;  ///< of the attention's output projection
  double clip_qkv = 0;       ///< queries, keys and values are clamped to +-this; 0: they are not
  bool tied_head = false;
  double embedding_scale = 1;  ///< multiplies the embeddings
  double logit_scale = 1;      ///< multiplies the logits
  TensorNames names;
  DiffusionSpec diffusion;
  std::string module;  ///< `exported`: name of the program's file in the checkpoint's folder
};

/// Whether that layer has experts.
bool has_experts(const ModelSpec& spec, int layer);

/// The tensors that a checkpoint of this spec must hold, with their shapes.
std::vector<TensorSpec> needed_tensors(const ModelSpec& spec);

/// The program that is the network of an `exported` checkpoint: code, and so the last thing that
/// may be a link to somewhere else. Throws Error{checkpoint} where it is missing or is one.
MappedFile exported_module(const Checkpoint& checkpoint, const ModelSpec& spec);

/// Throws Error{usage} for the first id that the embedding has no row for.
void check_ids(std::span<const int> ids, const ModelSpec& spec);

/// "{}" replaced by the number: "model.layers.3." for layer 3, and "mlp.experts.3." for expert 3.
std::string numbered(const std::string& pattern, int index);

}  // namespace unmask
