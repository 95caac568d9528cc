#include "decode/fake_model.h"

#include <ATen/ATen.h>

#include <chrono>
#include <limits>
#include <new>
#include <thread>
#include <utility>

#include "model/batch.h"
#include "model/network.h"

namespace unmask::testing {
namespace {

class FakeNetwork : public Network {
 public:
  explicit FakeNetwork(std::shared_ptr<PassRecord> record) : record_(std::move(record)) {}

  at::Tensor hidden(const Batch& batch, std::vector<at::Tensor>*) const override {
    const int tokens = static_cast<int>(batch.ids.numel());
    if (tokens > record_->memory) run_out_of_memory();
    record_->sequences.push_back(static_cast<int>(batch.sequences.size()));
    record_->tokens.push_back(tokens);
    std::this_thread::sleep_for(std::chrono::milliseconds(record_->milliseconds));
    std::vector<at::Tensor> all;
    for (const Stretch& stretch : batch.sequences) {
      all.push_back(answer(batch.ids.slice(0, stretch.begin, stretch.end)));
    }
    return at::cat(all);
  }

  at::Tensor logits(const at::Tensor& rows) const override { return rows; }

 private:
  [[noreturn]] void run_out_of_memory() const {
    ++record_->failed;
    if (!record_->as_libtorch) throw std::bad_alloc();
    C10_THROW_ERROR(OutOfMemoryError, "no more");
  }

  // [tokens] -> [tokens, vocab]
  static at::Tensor answer(const at::Tensor& ids) {
    const int first = ids[0].item<int>(), masks = ids.eq(kFakeMask).sum().item<int>();
    const at::Tensor rows = at::zeros({ids.size(0), kFakeVocab});
    for (int i = 0; i < ids.size(0); ++i) {
      rows[i][(first * 5 + i * 7 + masks) % (kFakeVocab - 2)] = 2 + (i * 3 + first) % 11 * 0.1;
    }
    if (first == kPoison && masks <= 2) rows.fill_(std::numeric_limits<float>::quiet_NaN());
    return rows;
  }

  std::shared_ptr<PassRecord> record_;
};

}  // namespace

Model fake_model(std::shared_ptr<PassRecord> record) {
  ModelFacts facts;
  facts.spec.vocab_rows = facts.vocab = kFakeVocab;
  facts.mask_id = kFakeMask;
  return {std::move(facts), std::make_unique<FakeNetwork>(std::move(record))};
}

}  // namespace unmask::testing
