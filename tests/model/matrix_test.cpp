// The forms of a weight matrix.
#include "model/matrix.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "model/dense_matrix.h"
#include "model/lazy_matrix.h"

namespace unmask {
namespace {

/// [3, 2]
at::Tensor values() { return at::tensor({1.F, 2.F, 3.F, 4.F, 5.F, 6.F}).reshape({3, 2}); }

TEST(DenseMatrix, MultipliesByItsTranspose) {
  const DenseMatrix matrix(values());
  const at::Tensor x = at::tensor({1.F, -1.F, 0.F, 2.F}).reshape({2, 2});
  const at::Tensor product = at::tensor({-1.F, -1.F, -1.F, 4.F, 8.F, 12.F}).reshape({2, 3});
  EXPECT_TRUE(matrix.times(x).equal(product));
  EXPECT_TRUE(matrix.times(x, at::tensor({10.F, 20.F, 30.F}))
                  .equal(product + at::tensor({10.F, 20.F, 30.F})));
}

TEST(DenseMatrix, BeginsAProductWithTheBias) {
  const DenseMatrix matrix(at::randn({64, 512}));
  const at::Tensor x = at::randn({7, 512}), bias = at::randn({64}) * 1e3;
  EXPECT_TRUE(matrix.times(x, bias).equal(at::addmm(bias, x, matrix.rows(at::arange(64)).t())));
}

TEST(DenseMatrix, GivesRows) {
  const DenseMatrix matrix(values());
  const at::Tensor rows = matrix.rows(at::tensor({2, 0, 2}, at::kLong));
  EXPECT_TRUE(rows.equal(at::tensor({5.F, 6.F, 1.F, 2.F, 5.F, 6.F}).reshape({3, 2})));
}

TEST(LazyMatrix, IsMadeWhenItIsFirstUsed) {
  int made = 0;
  const LazyMatrix matrix([&] {
    ++made;
    return std::make_shared<DenseMatrix>(values());
  });
  EXPECT_EQ(made, 0);
  EXPECT_EQ(matrix.rows(at::tensor({1}, at::kLong)).sum().item<float>(), 7);
  EXPECT_EQ(matrix.times(at::ones({1, 2})).sum().item<float>(), 21);
  EXPECT_EQ(made, 1);
}

TEST(LazyMatrix, IsMadeOnceForAllThreads) {
  constexpr int kThreads = 8;
  std::atomic<int> made = 0, waiting = 0, right = 0;
  const LazyMatrix matrix([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ++made;
    return std::make_shared<DenseMatrix>(values());
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      ++waiting;
      while (waiting < kThreads) std::this_thread::yield();
      right += matrix.times(at::ones({1, 2})).sum().item<float>() == 21 ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(right, kThreads);
}

}  // namespace
}  // namespace unmask
