#include "batch/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/interrupt.h"
#include "base/log.h"
#include "batch/file_lock.h"
#include "batch/fingerprint.h"
#include "batch/sorted_copy.h"
#include "io/output.h"

namespace unmask {
namespace {

bool is_standard_output(const std::string& path) {
  return path == "-" || path == "/dev/stdout" || path == "/dev/fd/1";
}

bool same_file(const std::string& path, const std::string& input) {
  struct stat out {};
  struct stat in {};
  const int looked = input == "-" ? ::fstat(STDIN_FILENO, &in) : ::stat(input.c_str(), &in);
  return looked == 0 && ::stat(path.c_str(), &out) == 0 && out.st_dev == in.st_dev &&
         out.st_ino == in.st_ino;
}

std::string lines_text(std::uint64_t lines) {
  return std::to_string(lines) + (lines == 1 ? " line is" : " lines are");
}

std::string sorted_name(const std::string& path) { return path + ".unmask-sorted"; }

void remove_parts(const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    ::unlink(part.c_str());
    ::unlink(fingerprint_name(part).c_str());
  }
}

}  // namespace

bool is_journal_file(const std::string& path) {
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  return !is_standard_output(path) && (!exists || S_ISREG(status.st_mode));
}

Journal::Journal(const std::string& path, const std::string& input, Existing existing)
    : name_(path == "-" ? "standard output" : path), path_(path), existing_(existing) {
  if (path.empty()) throw Error(ErrorCode::usage, "--output is empty; it takes a file name");
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) {
    throw system_error(ErrorCode::failure, path, "write", EISDIR);
  }
  regular_ = is_journal_file(path);
  created_ = regular_ && !exists;
  if (regular_) {
    open_file(input);
  } else {
    open_stream();
  }
}

Journal::~Journal() {
  if (created_ && !prepared_ && file_.get() >= 0) ::unlink(path_.c_str());
}

void Journal::open_stream() {
  if (existing_ == Existing::resume || existing_ == Existing::resume_failed) {
    throw Error(ErrorCode::usage,
                display(name_) + " is no regular file: what was written there cannot be read again",
                "leave --resume out, or give a file to --output");
  }
  while (file_.get() < 0) {  // opening a FIFO waits for its reader, and a signal ends the wait
    throw_if_interrupted();
    file_ = Descriptor(is_standard_output(path_)
                           ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                           : ::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (file_.get() < 0 && errno != EINTR) {
      throw system_error(ErrorCode::failure, name_, "write", errno);
    }
  }
}

void Journal::open_file(const std::string& input) {
  if (same_file(path_, input)) {
    throw Error(ErrorCode::usage, display(path_) + " is the input: it cannot be the output, too",
                "give another file to --output");
  }
  file_ = open_locked(path_);
  std::error_code problem;
  const std::filesystem::path resolved = std::filesystem::canonical(path_, problem);
  if (!problem) path_ = resolved.native();
  read_existing();
}

void Journal::read_existing() {
  struct stat status {};
  ::fstat(file_.get(), &status);
  const std::vector<std::string> parts = find_parts(name_);
  if (existing_ == Existing::refuse && (status.st_size > 0 || !parts.empty())) {
    throw Error(ErrorCode::usage,
                display(status.st_size > 0 ? name_ : parts.front()) + " is there already",
                "--resume does what is missing in it, --resume-failed does its failed lines again, "
                "--overwrite begins anew");
  }
  for (const std::string& part : parts) open_locked(part);  // who writes one must end before
  if (existing_ == Existing::refuse || existing_ == Existing::overwrite) return;
  extent_ = scan_records(path_, recorded_);
  for (const std::string& part : parts) scan_records(part, recorded_);
  previous_ = read_fingerprint(name_);
}

void Journal::set_fingerprint(OrderedJson fingerprint, bool force) {
  fingerprint_ = std::move(fingerprint);
  if (force || recorded_.records == 0) return;
  if (!previous_) {
    throw Error(ErrorCode::usage,
                display(fingerprint_name(name_)) + " is missing, which says what " +
                    display(name_) + " was made with",
                "--force-resume goes on without it");
  }
  if (const std::string build = other_build(*previous_, fingerprint_); !build.empty()) {
    throw Error(ErrorCode::usage,
                display(name_) + " was begun by " + build + " build of this program, and its " +
                    display(fingerprint_name(name_)) + " cannot be compared with what is asked now",
                "finish it with that build, or go on with --force-resume if nothing else has "
                "changed; what is written stays either way");
  }
  const std::string differing = differences(*previous_, fingerprint_);
  if (differing.empty()) return;
  throw Error(ErrorCode::usage, display(name_) + " was made with something else:\n  " + differing,
              "repeat the command as it was, or go on nevertheless with --force-resume");
}

bool Journal::is_done(std::uint64_t line) const {
  return existing_ == Existing::resume_failed ? recorded_.good.contains(line)
                                              : recorded_.contains(line);
}

void Journal::look_again() { recorded_ = scan_output(name_); }

void Journal::prepare() {
  if (prepared_ || !regular_) return;
  if (existing_ == Existing::overwrite) remove_parts(find_parts(name_));
  ::unlink(sorted_name(path_).c_str());  // of a run that was killed while it put lines in order
  if (extent_.tail > 0) {
    log::warning(display(name_) + ": its last line is unfinished, " + std::to_string(extent_.tail) +
                 " bytes are dropped");
  }
  if (::ftruncate(file_.get(), static_cast<off_t>(extent_.records_end)) != 0) {
    throw system_error(ErrorCode::failure, name_, "write", errno);
  }
  prepared_ = true;
  if (!fingerprint_.is_null() && fingerprint_ != previous_) write_fingerprint(name_, fingerprint_);
}

void Journal::append(std::uint64_t line, std::string_view json) {
  const std::optional<Record> record = read_record_head(json);
  if (!record || record->line != line || !json.ends_with('}') ||
      json.find('\n') != std::string_view::npos) {
    throw Error(ErrorCode::failure,
                "internal error: the result of line " + std::to_string(line) + " is no record");
  }
  prepare();
  write_record(std::string(json) + '\n');
  recorded_.add(line, record->failed);
}

void Journal::write_record(const std::string& text) {
  try {
    write_all(file_.get(), text, name_);
    extent_.records_end += text.size();
  } catch (const Error& error) {
    if (regular_ && ::ftruncate(file_.get(), static_cast<off_t>(extent_.records_end)) != 0) {
      log::warning(display(name_) + " ends with an unfinished line, which --resume drops");
    }
    throw unfinished(error);
  }
}

Error Journal::unfinished(const Error& cause) const {
  const std::string kept = lines_text(recorded_.lines()) + (regular_ ? " safe" : " written");
  return Error(cause.code(), std::string(cause.what()) + "; " + kept,
               regular_ ? "make room, then go on with --resume" : "");
}

void Journal::finish(bool unordered) {
  if (!regular_) return;
  prepare();
  const std::vector<std::string> parts = find_parts(name_);
  if (!parts.empty()) look_again();
  const bool in_order = unordered || recorded_.sorted;
  if (!parts.empty() || recorded_.records != recorded_.lines() || !in_order) {
    rewrite(parts);
  } else if (::fsync(file_.get()) != 0) {
    throw system_error(ErrorCode::failure, name_, "write", errno);
  }
}

void Journal::rewrite(const std::vector<std::string>& parts) {
  std::vector<Descriptor> locks;
  locks.reserve(parts.size());
  for (const std::string& part : parts) locks.push_back(open_locked(part));
  std::vector<std::string> sources = {path_};
  sources.insert(sources.end(), parts.begin(), parts.end());
  const std::string sorted = sorted_name(path_);
  try {
    write_sorted(sources, sorted, recorded_.records);
    if (::rename(sorted.c_str(), path_.c_str()) != 0) {
      throw system_error(ErrorCode::failure, path_, "replace", errno);
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::failure) throw;
    throw unfinished(error);
  }
  remove_parts(parts);
}

}  // namespace unmask
