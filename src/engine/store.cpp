// The processes of a run share libtorch's c10d stores.
#include "unmask/store.h"

#include <c10/util/Logging.h>

#include <algorithm>
#include <string>
#include <thread>
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <vector>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "engine/exports.h"
#include "engine/store_turn.h"
#include "unmask/error.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

std::string address(const StoreOptions& options) {
  return options.kind == StoreOptions::Kind::file
             ? display(options.path)
             : options.host + ":" + std::to_string(options.port);
}

void check(const StoreOptions& options) {
  const auto refuse = [](const std::string& what, const std::string& hint) {
    throw Error(ErrorCode::usage, what, hint);
  };
  if (options.rank < 0 || options.rank >= options.world_size) {
    refuse("rank " + std::to_string(options.rank) + " of " + std::to_string(options.world_size) +
               " processes",
           "ranks count from 0, up to the number of processes less 1");
  }
  if (options.kind == StoreOptions::Kind::tcp) {
    if (options.host.empty()) refuse("no host to meet at", "name the machine of rank 0");
    if (options.port < 1 || options.port > 65535) {
      refuse("port " + std::to_string(options.port), "ports are 1 to 65535");
    }
  } else {
    const char* const hint = "name a new file in a folder that all processes see";
    std::error_code unknown;  // opening it says why it cannot be looked at
    const auto file = fs::status(options.path, unknown);
    const auto folder = fs::status(fs::absolute(options.path).parent_path(), unknown);
    if (fs::status_known(folder) && !fs::is_directory(folder)) {
      refuse(display(options.path) + ": its folder does not exist", hint);
    }
    if (fs::exists(file) && !fs::is_regular_file(file)) {
      refuse(display(options.path) + " is no regular file", hint);
    }
  }
}

std::string way_out(const StoreOptions& options) {
  if (options.kind == StoreOptions::Kind::file) {
    return "every process must be able to write and lock the file";
  }
  return options.rank == 0 ? "rank 0 listens there; if the port is taken, name another port"
                           : "rank 0 must be running, and every machine must reach it there";
}

/// Calls c10d, a file in turns; what it throws leaves as Error, in one line.
template <typename Work>
auto reach(const StoreOptions& options, Work&& work) {
  try {
    std::optional<StoreTurn> turn;
    if (options.kind == StoreOptions::Kind::file) turn.emplace(options.path);
    auto answer = work();
    if (turn) turn->end();
    return answer;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    const std::string text = error.what();
    throw Error(
        ErrorCode::resource,
        "the store of the run, " + address(options) + ": " + text.substr(0, text.find('\n')),
        way_out(options));
  }
}

c10::intrusive_ptr<c10d::Store> connect(const StoreOptions& options) {
  if (options.kind == StoreOptions::Kind::file) {
    auto file = c10::make_intrusive<c10d::FileStore>(options.path.string(), options.world_size);
    // Its destructor writes to the file and ends the process where that fails: it never runs.
    c10::raw::intrusive_ptr::incref(file.get());
    return file;
  }
  c10d::TCPStoreOptions tcp;
  tcp.port = static_cast<std::uint16_t>(options.port);
  tcp.isServer = options.rank == 0 && !options.hosted;
  tcp.waitWorkers = false;  // whoever is there begins
  tcp.timeout = options.timeout;
  return c10::make_intrusive<c10d::TCPStore>(options.host, tcp);
}

/// c10d also writes every failure to stderr, with a page of stack frames. Ours say enough.
void quieten_c10d() {
  if (!log::enabled(log::Level::debug)) FLAGS_caffe2_log_level = c10::GLOG_FATAL;
}

class C10dStore : public SharedStore {
 public:
  explicit C10dStore(const StoreOptions& options) : options_(options) {
    check(options_);
    quieten_c10d();
    store_ = reach(options_, [&] { return connect(options_); });
    store_->setTimeout(options_.timeout);
    if (options_.kind == StoreOptions::Kind::file &&
        add("rank " + std::to_string(options_.rank), 1) > 1) {
      throw Error(
          ErrorCode::usage,
          display(options_.path) + " has had a rank " + std::to_string(options_.rank) + " already",
          "it is from another run, or two processes have this rank; name a new file");
    }
  }

  std::int64_t add(const std::string& counter, std::int64_t amount) override {
    return reach(options_, [&] { return store_->add("counter/" + counter, amount); });
  }

  void set(const std::string& key, const std::string& text) override {
    reach(options_, [&] {
      store_->set(text_key(key), text);
      return true;
    });
  }

  std::optional<std::string> get(const std::string& key) override {
    return reach(options_, [&]() -> std::optional<std::string> {
      if (!store_->check({text_key(key)})) return std::nullopt;
      return store_->get_to_str(text_key(key));
    });
  }

  bool wait(std::span<const std::string> keys, milliseconds timeout) override {
    std::vector<std::string> wanted;
    for (const std::string& key : keys) wanted.push_back(text_key(key));
    // Not c10d's own wait: that cannot be interrupted.
    for (const auto end = std::chrono::steady_clock::now() + timeout;;) {
      throw_if_interrupted();
      if (reach(options_, [&] { return store_->check(wanted); })) return true;
      if (std::chrono::steady_clock::now() >= end) return false;
      std::this_thread::sleep_for(std::min(timeout, milliseconds(50)));
    }
  }

  int leave(milliseconds timeout) override {
    std::vector<std::string> others;
    for (int i = 1; i < options_.world_size; ++i) others.push_back("left " + std::to_string(i));
    if (options_.rank > 0) {
      set(others[options_.rank - 1], "");
      return 0;
    }
    if (wait(others, timeout)) {
      // Nobody comes back to it; while somebody might, a new file would count from 0 again.
      remove();
      return 0;
    }
    return static_cast<int>(
        std::ranges::count_if(others, [&](const auto& key) { return !get(key); }));
  }

  void remove() override {
    if (options_.kind == StoreOptions::Kind::file) StoreTurn::remove_file(options_.path);
  }

 private:
  static std::string text_key(const std::string& key) { return "text/" + key; }

  const StoreOptions options_;
  c10::intrusive_ptr<c10d::Store> store_;
};

}  // namespace
}  // namespace unmask

extern "C" unmask::SharedStore* unmask_engine_open_store(const unmask::StoreOptions& options) {
  return new unmask::C10dStore(options);
}
