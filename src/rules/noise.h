// All randomness of decoding. A number depends only on what it is for, so that what a request gets
// does not depend on its batch mates; tests replay the recorded numbers of a reference.
#pragma once

#include <cstdint>
#include <span>

namespace unmask {

/// What a number decides. Part of the key, so that the decisions are independent.
enum class Purpose : std::uint32_t {
  token,     ///< which token is drawn at a position
  order,     ///< which positions come first
  transfer,  ///< whether a position is committed at all
};

/// One of `ids` with weight scale * shares[i], or `other` with a weight of its own. The shares sum
/// to 1, the weights need not.
struct Choice {
  std::span<const int> ids;
  std::span<const float> shares;
  double scale;
  int other;
  double other_weight;
};

class Noise {
 public:
  virtual ~Noise() = default;

  /// A number in [0, 1) for one position of one step.
  virtual double uniform(Purpose purpose, int step, int position) = 0;

  /// A number in [0, 1) for each token of the vocabulary at that position.
  virtual void uniforms(Purpose purpose, int step, int position, std::span<double> out) = 0;

  /// What is drawn at that position. From one uniform number of Purpose::token; virtual, because
  /// from given numbers every reference draws in a way of its own.
  virtual int draw(int step, int position, const Choice& choice);
};

/// Counter-based noise (Philox) of a seed.
class SeededNoise : public Noise {
 public:
  explicit SeededNoise(std::uint64_t seed) : seed_(seed) {}
  double uniform(Purpose purpose, int step, int position) override;
  void uniforms(Purpose purpose, int step, int position, std::span<double> out) override;

 private:
  std::uint64_t seed_;
};

}  // namespace unmask
