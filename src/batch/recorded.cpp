#include "batch/recorded.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "batch/record_reader.h"

namespace unmask {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPart = ".part-";

/// The rank of `name`, a file name, if it is a part of `out`.
std::optional<int> rank_of(std::string_view name, const std::string& out) {
  if (!name.starts_with(out + std::string(kPart))) return std::nullopt;
  const std::string_view digits = name.substr(out.size() + kPart.size());
  int rank = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), rank);
  return rank >= 0 && name == part_name(out, rank) ? std::optional(rank) : std::nullopt;
}

}  // namespace

void Recorded::add(std::uint64_t line, bool is_failure) {
  ++records;
  sorted = sorted && line > last;
  last = line;
  if (!is_failure) {
    good.add(line);
    failed.remove(line);
  } else if (!good.contains(line)) {
    failed.add(line);
  }
}

Extent scan_records(const std::string& path, Recorded& into) {
  const Descriptor file = open_records(path);
  if (file.get() < 0) return {};
  RecordReader reader(file.get(), path);
  while (const auto record = reader.next()) into.add(record->line, record->failed);
  return reader.extent();
}

std::string part_name(const std::string& out, int rank) {
  return out + std::string(kPart) + std::to_string(rank);
}

std::vector<std::string> find_parts(const std::string& out) {
  const fs::path path(out);
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::vector<int> ranks;
  std::error_code problem;  // a folder that cannot be listed shows where something is written
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    const auto rank = rank_of(entry.path().filename().native(), path.filename().native());
    if (rank) ranks.push_back(*rank);
  }
  std::sort(ranks.begin(), ranks.end());
  std::vector<std::string> parts;
  parts.reserve(ranks.size());
  for (const int rank : ranks) parts.push_back(part_name(out, rank));
  return parts;
}

Recorded scan_output(const std::string& out) {
  Recorded recorded;
  scan_records(out, recorded);
  for (const std::string& part : find_parts(out)) scan_records(part, recorded);
  return recorded;
}

}  // namespace unmask
