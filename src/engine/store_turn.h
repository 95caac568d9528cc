// One process at a time at the file of a c10d FileStore.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/descriptor.h"

namespace unmask {

/// c10d writes a record in several parts and reads on for ever where one was left half written, so
/// a process that was killed within a call would hold up all others. Therefore each call has a
/// turn: it holds the lock of PATH.size, where it notes in the end how long the file is. What a
/// file has beyond that when the next turn begins is from a call that did not end, and is cut off.
class StoreTurn {
 public:
  /// Waits for the turns of the others. std::system_error where the file cannot be locked or
  /// written, Error{usage} where it is no store, {interrupted} when a stop was asked for.
  explicit StoreTurn(const std::filesystem::path& path);

  /// The call is done, and counts. std::system_error where that cannot be noted.
  void end() const;

  /// Takes the file away, and what belongs to it.
  static void remove_file(const std::filesystem::path& path);

 private:
  void note(std::uint64_t size) const;

  const std::filesystem::path path_;
  const Descriptor notes_;
};

}  // namespace unmask
