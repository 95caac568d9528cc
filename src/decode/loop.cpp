#include "decode/loop.h"

#include <vector>

#include "base/interrupt.h"

namespace unmask {

void decode(const Model& model, std::span<Sequence> sequences, Events* events) {
  for (;;) {
    throw_if_interrupted();

    std::vector<Request> batch;
    std::vector<std::size_t> counts;  // requests of each sequence; none when it is finished
    for (Sequence& sequence : sequences) {
      const std::vector<Request> requests = sequence.requests(events);
      batch.insert(batch.end(), requests.begin(), requests.end());
      counts.push_back(requests.size());
    }
    if (batch.empty()) return;

    const std::vector<at::Tensor> logits = model.predict(batch);
    std::span<const at::Tensor> rest(logits);
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      if (counts[i] > 0) sequences[i].advance(rest.first(counts[i]), events);
      rest = rest.subspan(counts[i]);
    }
  }
}

}  // namespace unmask
