// Reading prompts: from standard input, where it holds one, and from files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace unmask {

/// Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed, so that no other file
/// gets its number and, with it, our output. Before anything else is opened.
void reopen_closed_streams();

/// Whether standard input holds something for us: a pipe, a file or a socket, but no terminal and
/// no device (ripgrep's rule).
bool input_is_readable();

/// All of standard input. Says on stderr what it waits for when nothing has come for two seconds,
/// unless `quiet`. Error{usage} beyond `limit` bytes, Error{failure} when it cannot be read,
/// Error{interrupted} when a signal asks to stop.
std::string read_standard_input(std::uint64_t limit, bool quiet);

/// All of a file, which may also be a pipe (`-f <(command)`). The same limits and errors.
std::string read_text_file(const std::string& path, std::uint64_t limit);

/// Some bytes of `descriptor`, at least one but at the end: waits until there are. Error{failure}
/// names `name`, Error{interrupted} when a signal asks to stop.
std::size_t read_some(int descriptor, const std::string& name, char* to, std::size_t bytes);

}  // namespace unmask
