#include "rules/scripted_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace unmask::testing {
namespace {

using Row = std::vector<float>;

std::vector<double> softmax(const Row& logits, double temperature = 1) {
  const double most = *std::max_element(logits.begin(), logits.end());
  std::vector<double> shares;
  double sum = 0;
  for (const float logit : logits) {
    shares.push_back(std::exp((logit - most) / temperature));
    sum += shares.back();
  }
  for (double& share : shares) share /= sum;
  return shares;
}

int argmax(const Row& values) {
  return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

/// By inverting the cumulative distribution.
int draw_categorical(const Row& logits, double temperature, double uniform) {
  const std::vector<double> shares = softmax(logits, temperature);
  int token = argmax(logits);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (shares[i] == 0) continue;
    token = static_cast<int>(i);
    uniform -= shares[i];
    if (uniform < 0) break;
  }
  return token;
}

int draw_gumbel(Row logits, double temperature, int step, int position, Noise& noise) {
  std::vector<double> uniforms(logits.size());
  noise.uniforms(Purpose::token, step, position, uniforms);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    logits[i] -= static_cast<float>(temperature * std::log(-std::log(uniforms[i])));
  }
  return argmax(logits);
}

double entropy_of(const std::vector<double>& shares) {
  double entropy = 0;
  for (const double share : shares) entropy -= share > 0 ? share * std::log(share) : 0;
  return entropy;
}

double rank_of(std::vector<double> shares, int token, Order order, int step, int position,
               Noise& noise) {
  if (order == Order::left) return -position;
  if (order == Order::random) return noise.uniform(Purpose::order, step, position);
  if (order == Order::entropy) return -entropy_of(shares);
  if (order == Order::confidence) return shares[token];
  std::sort(shares.begin(), shares.end(), std::greater<>());
  return shares[0] - shares[1];
}

/// Draws from the softmax of the logits without the mask.
class ScriptedText : public CleanText {
 public:
  ScriptedText(const ScriptedDistributions& said, double temperature, int mask_id)
      : positions_(said.positions()), mask_id_(mask_id), temperature_(temperature) {
    for (Row row : said.logits()) {
      row[mask_id] = -std::numeric_limits<float>::infinity();
      shares_.push_back({});
      for (const double share : softmax(row, temperature > 0 ? temperature : 1)) {
        shares_.back().push_back(static_cast<float>(share));
      }
    }
  }

  std::vector<Write> draw(double reveal, double stay, int step, Noise& noise) const override {
    std::vector<Write> writes;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      std::vector<int> ids(shares_[i].size());
      std::iota(ids.begin(), ids.end(), 0);
      Row shares = shares_[i];
      if (temperature_ == 0) {
        ids = {argmax(shares)};
        shares = {1};
      }
      const int token = noise.draw(step, positions_[i], {ids, shares, reveal, mask_id_, stay});
      if (token != mask_id_) writes.push_back({positions_[i], token, shares_[i][token]});
    }
    return writes;
  }

  std::vector<Write> most_probable() const override {
    std::vector<Write> writes;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      const int token = argmax(shares_[i]);
      writes.push_back({positions_[i], token, shares_[i][token]});
    }
    return writes;
  }

 private:
  std::vector<int> positions_;
  std::vector<Row> shares_;
  int mask_id_;
  double temperature_;
};

}  // namespace

ScriptedDistributions::ScriptedDistributions(std::vector<int> positions, Rows logits, int mask_id)
    : Distributions(std::move(positions)), logits_(std::move(logits)), mask_id_(mask_id) {}

Prediction ScriptedDistributions::predict(const Sampling& sampling, int step, Noise& noise) const {
  Prediction prediction;
  prediction.positions = positions();
  for (std::size_t i = 0; i < logits_.size(); ++i) {
    const int position = positions()[i];
    Row allowed = logits_[i];
    if (!sampling.any_id) allowed.at(mask_id_) = -std::numeric_limits<float>::infinity();
    const bool categorical = sampling.sampler == Sampler::categorical;
    const double temperature = sampling.temperature;
    int token = argmax(allowed);
    if (temperature > 0 && categorical) {
      token = draw_categorical(allowed, temperature, noise.uniform(Purpose::token, step, position));
    } else if (temperature > 0) {
      token = draw_gumbel(allowed, temperature, step, position, noise);
    }
    const bool tempered = temperature > 0 && categorical;
    const std::vector<double> shares = softmax(logits_[i], tempered ? temperature : 1);
    prediction.tokens.push_back(token);
    prediction.confidence.push_back(static_cast<float>(shares[token]));
    prediction.rank.push_back(
        static_cast<float>(rank_of(shares, token, sampling.order, step, position, noise)));
    prediction.entropy.push_back(static_cast<float>(entropy_of(shares)));
  }
  return prediction;
}

std::vector<RowToken> ScriptedDistributions::best() const {
  std::vector<RowToken> best;
  for (const Row& row : logits_) best.push_back({static_cast<int>(best.size()), argmax(row)});
  return best;
}

std::vector<float> ScriptedDistributions::probability(std::span<const RowToken> tokens) const {
  std::vector<float> all;
  for (const auto& [row, token] : tokens) {
    all.push_back(static_cast<float>(softmax(logits_.at(row)).at(token)));
  }
  return all;
}

std::vector<double> ScriptedDistributions::divergence(const Distributions& before,
                                                      std::span<const RowPair> pairs) const {
  const Rows& theirs = dynamic_cast<const ScriptedDistributions&>(before).logits_;
  std::vector<double> all;
  for (const RowPair& pair : pairs) {
    const std::vector<double> now = softmax(logits_.at(pair.row));
    const std::vector<double> then = softmax(theirs.at(pair.before));
    all.push_back(0);
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (now[i] > 0) all.back() += now[i] * std::log(now[i] / then[i]);
    }
  }
  return all;
}

std::shared_ptr<const Distributions> ScriptedDistributions::with(
    std::span<const Bonus> bonuses) const {
  Rows logits = logits_;
  for (const Bonus& bonus : bonuses) logits.at(bonus.row).at(bonus.token) += bonus.logit;
  return std::make_shared<ScriptedDistributions>(positions(), logits, mask_id_);
}

std::shared_ptr<const Distributions> ScriptedDistributions::select(
    std::span<const int> rows) const {
  std::vector<int> chosen;
  Rows logits;
  for (const int row : rows) {
    chosen.push_back(positions().at(row));
    logits.push_back(logits_.at(row));
  }
  return std::make_shared<ScriptedDistributions>(chosen, logits, mask_id_);
}

std::shared_ptr<const CleanText> ScriptedDistributions::clean(const Sampling& sampling) const {
  return std::make_shared<ScriptedText>(*this, sampling.temperature, mask_id_);
}

ScriptedDistributions said_of(const ScriptedNetwork& network, const Canvas& canvas,
                              const std::vector<int>& rows, int vocab) {
  ScriptedDistributions::Rows logits;
  for (const int position : rows) {
    const auto [token, probability] = network(canvas, position);
    const double others = std::log((1 - probability) / (vocab - 1));
    logits.emplace_back(vocab, static_cast<float>(others));
    logits.back().at(token) = static_cast<float>(std::log(probability));
  }
  return {rows, logits, canvas.mask_id()};
}

ScriptedDistributions nothing_said() { return {{}, {}, 0}; }

std::vector<ScriptedStep> run_scripted(Rule& rule, Canvas& canvas, const ScriptedNetwork& network,
                                       int vocab) {
  SeededNoise noise(1);
  std::vector<ScriptedStep> steps;
  while (const std::optional<Wants> wants = rule.next(canvas)) {
    EXPECT_LT(steps.size(), static_cast<std::size_t>(rule.bound()));
    if (steps.size() >= static_cast<std::size_t>(rule.bound())) break;
    const Edit edit = rule.step(canvas, said_of(network, canvas, wants->rows, vocab), noise);
    canvas.apply(edit);
    steps.push_back({*wants, edit, {canvas.ids().begin(), canvas.ids().end()}});
  }
  return steps;
}

}  // namespace unmask::testing
