// What the processes of a run share: counters and short texts. libtorch's c10d stores, in
// libunmask_engine.so, without its types.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace unmask {

/// How the processes of a run find each other.
struct StoreOptions {
  enum class Kind {
    tcp,   ///< rank 0 listens at host:port; the others connect to it
    file,  ///< all append to one file of a shared folder, which must be able to lock files, and
           ///< keep its length in another beside it, PATH.size
  };
  Kind kind = Kind::tcp;
  std::string host;
  int port = 29500;
  /// Another process listens there already: rank 0 connects as the others do.
  bool hosted = false;
  /// A path that no other run has used: what it holds from one would be taken for this run's.
  /// A file that is no store is refused.
  std::filesystem::path path;
  int rank = 0;
  int world_size = 1;
  /// How long to wait for rank 0 to listen, and for an answer.
  std::chrono::milliseconds timeout = std::chrono::minutes(5);
};

/// Keys are any text; those of counters and those of texts are apart. All calls are atomic between
/// processes and answer from what is there now; only wait() and leave() wait for others. Not
/// thread-safe: one call at a time. Errors: Error{resource} when rank 0 or the folder is not
/// reached any more, with its address and the way out.
class SharedStore {
 public:
  /// Without leave(): a process that ends in an error should not wait for anybody.
  virtual ~SharedStore() = default;

  /// Adds to a counter, which begins at 0; returns what it is then.
  virtual std::int64_t add(const std::string& counter, std::int64_t amount) = 0;

  virtual void set(const std::string& key, const std::string& text) = 0;

  /// Nothing when the key has not been set.
  virtual std::optional<std::string> get(const std::string& key) = 0;

  /// Until all keys have been set; false when the time is over.
  virtual bool wait(std::span<const std::string> keys, std::chrono::milliseconds timeout) = 0;

  /// Call it last. Rank 0 waits for the others to have called it, for its end is the end of the
  /// store; how many of them did not in that time, because they died or are still at work, is
  /// returned. The others return at once, with 0.
  virtual int leave(std::chrono::milliseconds timeout) = 0;

  /// Takes the file of the store away, if it is one. For rank 0, when those that did not leave()
  /// are dead.
  virtual void remove() = 0;
};

/// Opens the store; all ranks must. In libunmask_engine.so, reached through dlopen; the caller owns
/// the result. Throws Error{usage} for options that cannot be, {resource} when rank 0 is not
/// reached in time, cannot listen, or the file cannot be opened.
using StoreOpen = SharedStore* (*)(const StoreOptions& options);
inline constexpr const char* kStoreOpenSymbol = "unmask_engine_open_store";

}  // namespace unmask
