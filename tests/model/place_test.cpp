// What is made for a network lies where its weights lie. The meta device, whose tensors have no
// values, stands for a GPU.
#include "model/place.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "model/batch.h"
#include "model/key_value_cache.h"
#include "model/layers.h"

namespace unmask {
namespace {

const Place kMeta{.device = at::kMeta, .type = at::kBFloat16};

TEST(Place, IsWhereABatchIsMade) {
  const std::vector<int> ids{1, 2, 3, 4};
  const Request request{.ids = ids, .attention = {.block = 2}};
  const Batch batch = make_batch({&request, 1}, kMeta);
  EXPECT_TRUE(batch.ids.is_meta());
  EXPECT_TRUE(batch.positions.is_meta());
  EXPECT_TRUE(batch.sequences[0].mask->is_meta());
  const Request shown{.ids = ids, .visible = at::ones({4, 4}, at::kBool)};
  EXPECT_TRUE(make_batch({&shown, 1}, kMeta).sequences[0].mask->is_meta());
}

TEST(Place, IsWhereACacheIsMade) {
  ModelSpec spec;
  spec.layers = 1;
  spec.kv_heads = 2;
  spec.head_dim = 4;
  KeyValueCache cache(spec, 8, kMeta);
  EXPECT_TRUE(cache.layer(0).keys.is_meta());
  EXPECT_EQ(cache.layer(0).values.scalar_type(), at::kBFloat16);
}

TEST(Place, IsWhereRotationsAreMade) {
  RotarySpec spec;
  spec.tables = RotaryTables::bfloat16;
  const at::Tensor positions = at::arange(3, kMeta.indices());
  const Rotation rotation = make_rotation(spec, 8, positions, kMeta.type);
  EXPECT_TRUE(rotation.cos.is_meta());
  EXPECT_EQ(rotation.sin.scalar_type(), at::kFloat);
}

}  // namespace
}  // namespace unmask
