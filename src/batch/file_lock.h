// One writer at a time.
#pragma once

#include <string>

#include "base/descriptor.h"

namespace unmask {

/// Opens a regular file for appending, creating it where it is not there, and locks it for as long
/// as it is open. Error{usage} names the process that holds the lock, Error{failure} says why the
/// file cannot be written. Warns where the file system has no locks.
Descriptor open_locked(const std::string& path);

/// Whether a process has the file open_locked(). Where the file system has no locks nobody knows:
/// true.
bool is_locked(const std::string& path);

}  // namespace unmask
