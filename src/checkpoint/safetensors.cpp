#include "checkpoint/safetensors.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/checked.h"
#include "base/json.h"
#include "base/utf8.h"

namespace unmask {
namespace {

using Sizes = SafetensorsLimits;

constexpr std::size_t kLengthBytes = 8;
constexpr std::string_view kMetadataKey = "__metadata__";
constexpr std::int64_t kAnySize = std::numeric_limits<std::int64_t>::max();
constexpr std::string_view kFetchFile = "perhaps an incomplete download; fetch the file again";

// Bytes of a file, and how to say what is wrong with them.
class Reader {
 public:
  explicit Reader(const MappedFile& file) : file_(file) {}

  Json header() const;
  std::string_view data() const { return file_.text().substr(kLengthBytes + header_length()); }
  std::string name() const { return display(file_.path()); }

  Error error(const std::string& problem, std::string_view hint = {}) const {
    return Error(ErrorCode::checkpoint, name() + ": " + problem, std::string(hint));
  }

 private:
  std::uint64_t header_length() const;
  void refuse_pointer_file() const;

  const MappedFile& file_;
};

// What Git leaves in place of a large file whose content was not fetched.
void Reader::refuse_pointer_file() const {
  if (file_.text().starts_with("version https://git-lfs")) {
    throw error("this is a Git LFS pointer, not the weights", "run: git lfs pull");
  }
}

std::uint64_t Reader::header_length() const {
  std::uint64_t length = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) {
    length = length << 8 | std::to_integer<std::uint64_t>(file_.bytes()[i]);
  }
  return length;
}

Json Reader::header() const {
  const std::uint64_t size = file_.bytes().size();
  if (size < kLengthBytes) {
    throw error("file is " + std::to_string(size) +
                    " bytes; a safetensors file starts with an 8-byte length",
                kFetchFile);
  }
  refuse_pointer_file();
  const std::uint64_t length = header_length();
  if (length < 2 || length > Sizes::kHeaderBytes) {
    throw error("header length is " + std::to_string(length) + " bytes, must be from 2 to " +
                    std::to_string(Sizes::kHeaderBytes),
                "this is not a safetensors file, or it is damaged");
  }
  if (length > size - kLengthBytes) {
    throw error("header length is " + std::to_string(length) + " bytes, but only " +
                    std::to_string(size - kLengthBytes) + " follow",
                kFetchFile);
  }
  const JsonLimits limits{
      .depth = Sizes::kDepth, .keys = Sizes::kKeys, .key_bytes = Sizes::kNameBytes};
  return parse_json(file_.text().substr(kLengthBytes, length), name() + ": header",
                    ErrorCode::checkpoint, limits);
}

// One entry of the header. `begin` and `end` count from the start of the data.
struct Entry {
  std::string name;
  DType dtype;
  std::vector<std::int64_t> shape;
  std::uint64_t begin;
  std::uint64_t end;
};

DType parse_dtype(const JsonField& field) {
  const std::string name = field.text();
  const auto dtype = dtype_from_name(name);
  if (dtype) return *dtype;
  throw field.error("is " + utf8::quoted(name) + ", which is unknown or not supported",
                    "supported are BOOL, U8, I8, I16, I32, I64, F16, BF16, F32 and F64");
}

std::vector<std::int64_t> parse_shape(const JsonField& field) {
  if (field.size() > Sizes::kRank) {
    throw field.error("has " + std::to_string(field.size()) + " dimensions, at most " +
                      std::to_string(Sizes::kRank) + " are accepted");
  }
  std::vector<std::int64_t> shape;
  for (std::size_t i = 0; i < field.size(); ++i) shape.push_back(field.at(i).integer(0, kAnySize));
  return shape;
}

std::optional<std::uint64_t> byte_count(const std::vector<std::int64_t>& shape, DType dtype) {
  std::optional<std::uint64_t> bytes = dtype_bytes(dtype);
  for (const std::int64_t extent : shape) {
    if (bytes) bytes = checked_multiply(*bytes, static_cast<std::uint64_t>(extent));
  }
  return bytes;
}

Entry parse_entry(const std::string& name, const JsonField& field) {
  Entry entry{name, parse_dtype(field.at("dtype")), parse_shape(field.at("shape")), 0, 0};
  const JsonField offsets = field.at("data_offsets");
  if (offsets.size() != 2) {
    throw offsets.error("has " + std::to_string(offsets.size()) + " elements, must be 2");
  }
  entry.begin = static_cast<std::uint64_t>(offsets.at(0).integer(0, kAnySize));
  entry.end = static_cast<std::uint64_t>(offsets.at(1).integer(0, kAnySize));
  if (entry.begin > entry.end) {
    throw offsets.error("is [" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) +
                        "], the beginning lies behind the end");
  }
  const auto bytes = byte_count(entry.shape, entry.dtype);
  if (!bytes) throw field.error("the size in bytes of its shape overflows");
  if (*bytes != entry.end - entry.begin) {
    throw field.error("spans " + std::to_string(entry.end - entry.begin) +
                      " bytes, its shape and dtype need " + std::to_string(*bytes));
  }
  return entry;
}

void check_metadata(const JsonField& metadata) {
  if (!metadata.value().is_object()) throw metadata.error("must be an object");
  for (const auto& [key, value] : metadata.value().items()) metadata.at(key).text();
}

std::vector<Entry> parse_entries(const Json& header, const std::string& file_name) {
  const JsonField root(header, file_name + ": header:");
  if (!header.is_object()) throw root.error("must be a JSON object");
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == kMetadataKey) {
      check_metadata(root.at(name));
    } else {
      const JsonField field(value, file_name + ": tensor " + utf8::quoted(name) + ":");
      entries.push_back(parse_entry(name, field));
    }
  }
  return entries;
}

// Sorted by position, each tensor must begin where the one before ends: no overlap, no hole.
void check_layout(std::vector<Entry>& entries, const Reader& reader) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t end = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != end) {
      throw reader.error("tensor " + utf8::quoted(entry.name) + " begins at byte " +
                         std::to_string(entry.begin) + " of the data, but the one before ends at " +
                         std::to_string(end) + (entry.begin < end ? " (overlap)" : " (hole)"));
    }
    end = entry.end;
  }
  const std::uint64_t present = reader.data().size();
  const std::string sizes = "the header describes " + std::to_string(end) +
                            " bytes of data, the file has " + std::to_string(present);
  if (present < end) throw reader.error(sizes, kFetchFile);
  if (present > end) throw reader.error(sizes + "; bytes left over are not accepted");
}

}  // namespace

SafetensorsFile::SafetensorsFile(MappedFile file) : file_(std::move(file)) {
  const Reader reader(file_);
  std::vector<Entry> entries = parse_entries(reader.header(), reader.name());
  check_layout(entries, reader);
  const auto data = file_.bytes().last(reader.data().size());
  for (Entry& entry : entries) {
    tensors_.emplace(std::move(entry.name),
                     TensorView{entry.dtype, std::move(entry.shape),
                                data.subspan(entry.begin, entry.end - entry.begin)});
  }
}

}  // namespace unmask
