#include "support/forward_case.h"

#include <ATen/ATen.h>

#include <numeric>

namespace unmask::testing {
namespace {

bool has(const Json& object, const char* key) {
  return object.contains(key) && !object[key].is_null();
}

Attention attention_of(const Json& test_case) {
  const bool full = test_case.value("attention", "block_causal").starts_with("full");
  return {.block =
              full || !has(test_case, "block_length") ? 0 : test_case["block_length"].get<int>()};
}

ForwardRow row_of(const Json& test_case, std::size_t index) {
  ForwardRow row;
  const std::vector<int> ids = to_ints(test_case["input_ids"][index]);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (has(test_case, "attention_mask") && test_case["attention_mask"][index][i] == 0) continue;
    row.ids.push_back(ids[i]);
    row.in_golden.push_back(static_cast<int>(i));
    const bool given = test_case.contains("position_ids");
    row.positions.push_back(given ? test_case["position_ids"][index][i].get<int>()
                                  : static_cast<int>(i));
  }
  row.all.resize(row.ids.size());
  std::iota(row.all.begin(), row.all.end(), 0);
  if (has(test_case, "sigma")) row.noise_level = test_case["sigma"][index];
  return row;
}

/// Some cases list more than the residual stream: router scores, the noise's embedding.
std::vector<std::string> hidden_of(const Json& test_case) {
  const char* key = test_case.contains("hidden") ? "hidden" : "hidden_states";
  std::vector<std::string> names;
  for (const Json& name : test_case.value(key, Json::array())) {
    const std::string text = name;
    const std::string last = text.substr(text.rfind('.') + 1);
    if (last == "embed" || last == "final_norm" || last.starts_with("layer")) names.push_back(text);
  }
  return names;
}

}  // namespace

Request ForwardRow::request(Attention attention) const {
  return {.ids = ids,
          .positions = positions,
          .rows = all,
          .attention = attention,
          .noise_level = noise_level};
}

std::vector<ForwardCase> forward_cases(const Fixture& fixture) {
  std::vector<ForwardCase> cases;
  for (const Json& test_case : fixture.cases()["forward"]) {
    if (test_case.contains("kind")) continue;
    ForwardCase found;
    found.name = test_case["name"];
    for (std::size_t i = 0; i < test_case["input_ids"].size(); ++i) {
      found.rows.push_back(row_of(test_case, i));
    }
    found.attention = attention_of(test_case);
    found.logits = test_case["logits"];
    found.hidden = hidden_of(test_case);
    // The second format's notes: two kernel sets agree to 1e-4, its own gate is generous.
    found.atol = test_case.value("atol", 1e-4);
    found.rtol = test_case.value("rtol", 1e-4);
    cases.push_back(std::move(found));
  }
  return cases;
}

std::string compare_logits(const Fixture& fixture, const Model& model,
                           const ForwardCase& test_case) {
  const at::Tensor golden = fixture.golden(test_case.logits);
  std::vector<Request> requests;
  for (const ForwardRow& row : test_case.rows) requests.push_back(row.request(test_case.attention));
  const std::vector<at::Tensor> logits = model.predict(requests);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const at::Tensor expected = golden[static_cast<std::int64_t>(i)].index_select(
        0, at::tensor(test_case.rows[i].in_golden, at::kInt));
    const std::string difference =
        first_difference(logits[i], expected, test_case.atol, test_case.rtol);
    if (!difference.empty()) {
      return test_case.name + ", row " + std::to_string(i) + ": " + difference;
    }
  }
  return "";
}

}  // namespace unmask::testing
