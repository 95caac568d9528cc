#include "batch/sorted_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <tuple>
#include <vector>

#include "base/interrupt.h"
#include "batch/record_reader.h"
#include "io/output.h"

namespace unmask {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

struct Entry {
  std::uint64_t line;
  std::uint64_t offset;
  std::uint32_t bytes;
  std::uint16_t source;
  bool failed;
};
static_assert(sizeof(Entry) == 24);

// Of one line, the record to keep comes first.
bool comes_before(const Entry& a, const Entry& b) {
  if (a.line != b.line) return a.line < b.line;
  if (a.failed != b.failed) return b.failed;
  const auto place = [](const Entry& entry) { return std::tie(entry.source, entry.offset); };
  return a.failed ? place(b) < place(a) : place(a) < place(b);
}

template <class Number>
Number narrow(std::uint64_t value, const std::string& what) {
  if (value <= std::numeric_limits<Number>::max()) return static_cast<Number>(value);
  throw Error(ErrorCode::failure, what + " is " + std::to_string(value) + ", more than the " +
                                      std::to_string(std::numeric_limits<Number>::max()) +
                                      " that can be put in order");
}

std::vector<Entry> read_index(std::span<const Descriptor> files, std::span<const std::string> names,
                              std::uint64_t records) {
  std::vector<Entry> index;
  index.reserve(records);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].get() < 0) continue;
    const auto source = narrow<std::uint16_t>(i, "the number of parts");
    RecordReader reader(files[i].get(), names[i]);
    while (const auto record = reader.next()) {
      const auto bytes = narrow<std::uint32_t>(record->bytes, "the length of a line in bytes");
      index.push_back({record->line, record->offset, bytes, source, record->failed});
    }
  }
  std::sort(index.begin(), index.end(), comes_before);
  const auto same = [](const Entry& a, const Entry& b) { return a.line == b.line; };
  index.erase(std::unique(index.begin(), index.end(), same), index.end());
  return index;
}

/// The file being written, removed again unless it is kept.
class Target {
 public:
  explicit Target(const std::string& path)
      : path_(path), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
    if (file_.get() < 0) throw problem();
  }
  ~Target() {
    if (!kept_) ::unlink(path_.c_str());
  }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  int get() const { return file_.get(); }

  void keep() {
    if (::fsync(file_.get()) != 0) throw problem();
    if (::close(file_.release()) != 0) throw problem();  // where network file systems report
    kept_ = true;
  }

 private:
  Error problem() const { return system_error(ErrorCode::failure, path_, "write", errno); }

  std::string path_;
  Descriptor file_;
  bool kept_ = false;
};

/// Appends bytes of one file to another, through a buffer.
class Copier {
 public:
  Copier(int target, const std::string& name) : target_(target), name_(name) {}

  void add(int source, const std::string& source_name, std::uint64_t offset, std::uint64_t bytes) {
    while (bytes > 0) {
      if (used_ == kBufferBytes) flush();
      const std::size_t wanted = std::min<std::uint64_t>(bytes, kBufferBytes - used_);
      const ssize_t got =
          ::pread(source, buffer_.data() + used_, wanted, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0)
        throw system_error(ErrorCode::failure, source_name, "read", got < 0 ? errno : EIO);
      const auto count = static_cast<std::size_t>(got);
      used_ += count;
      offset += count;
      bytes -= count;
    }
  }

  void flush() {
    throw_if_interrupted();
    write_all(target_, std::string_view(buffer_.data(), used_), name_);
    used_ = 0;
  }

 private:
  int target_;
  const std::string& name_;
  std::vector<char> buffer_ = std::vector<char>(kBufferBytes);
  std::size_t used_ = 0;
};

}  // namespace

void write_sorted(std::span<const std::string> sources, const std::string& target,
                  std::uint64_t records) {
  std::vector<Descriptor> files;
  for (const std::string& source : sources) files.push_back(open_records(source));
  const std::vector<Entry> index = read_index(files, sources, records);
  Target file(target);
  struct stat status {};
  if (::fstat(files.front().get(), &status) == 0) ::fchmod(file.get(), status.st_mode & 0777);
  Copier copier(file.get(), target);
  for (const Entry& entry : index) {
    copier.add(files[entry.source].get(), sources[entry.source], entry.offset, entry.bytes);
  }
  copier.flush();
  file.keep();
}

}  // namespace unmask
