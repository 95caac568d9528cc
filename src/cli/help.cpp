#include "cli/help.h"

#include <algorithm>
#include <string_view>

#include "base/json_text.h"
#include "family/family.h"
#include "session/engine_library.h"
#include "text/chat_format.h"
#include "unmask/version.h"

namespace unmask {
namespace {

constexpr std::size_t kWidth = 96;
constexpr std::size_t kHelpColumn = 26;

constexpr std::string_view kBrief = R"(unmask writes text with masked-diffusion language models.

  unmask "Once upon a time"                   continue a text, or answer a chat model
  echo "The dragon" | unmask -n 48 -s 12      48 tokens in 12 denoising steps
  unmask -m DIR --help                        all flags; also: unmask inspect --help
)";

/// The head of a command's help, with the names of the commands that have no line of their own.
std::string introduction(const Command& command) {
  constexpr std::string_view kPlace = "{commands}";
  std::string text(command.introduction);
  const std::size_t place = text.find(kPlace);
  if (place == std::string::npos) return text;
  const std::size_t indent = place - text.rfind('\n', place) - 1;
  std::size_t used = indent;
  std::string names;
  for (const Command& other : all_commands()) {
    const std::string name(other.name);
    const bool has_a_line = text.find("unmask " + name + ' ') != std::string::npos;
    if (has_a_line || &other == &command) continue;
    if (!names.empty()) names += " | ";
    if (used + name.size() > kWidth) {
      names += '\n' + std::string(indent, ' ');
      used = indent;
    }
    names += name;
    used += name.size() + 3;
  }
  return text.replace(place, kPlace.size(), names);
}

/// `text` in lines that begin at the help column; the first one continues the current line.
std::string wrapped(std::string_view text) {
  std::string lines;
  std::size_t used = kHelpColumn;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (used + word.size() + 1 > kWidth) {
      lines += '\n' + std::string(kHelpColumn, ' ');
      used = kHelpColumn;
    } else if (used > kHelpColumn) {
      lines += ' ';
      ++used;
    }
    lines += word;
    used += word.size();
  }
  return lines;
}

std::string flag_help(const Flag& flag) {
  std::string left = flag.letter.empty() ? "      " : "  -" + flag.letter + ", ";
  left += "--" + flag.name + (flag.value.empty() ? "" : " " + flag.value);
  if (left.size() + 2 > kHelpColumn) {
    left += '\n' + std::string(kHelpColumn, ' ');
  } else {
    left.resize(kHelpColumn, ' ');
  }
  return left + wrapped(flag.help) + '\n';
}

}  // namespace

std::string help_text(const Command& command, bool color) {
  const std::string bold = color ? "\x1b[1m" : "";
  const std::string plain = color ? "\x1b[0m" : "";
  std::vector<std::pair<std::string, std::string>> groups;  // heading, flags
  for (const Flag* flag : flags_of(command)) {
    if (!flag->in_help) continue;
    const auto known = std::find_if(groups.begin(), groups.end(),
                                    [&](const auto& group) { return group.first == flag->group; });
    const auto group = known == groups.end() ? groups.insert(known, {flag->group, ""}) : known;
    group->second += flag_help(*flag);
  }
  std::string text = introduction(command);
  for (const auto& [heading, flags] : groups) text += "\n" + bold + heading + plain + "\n" + flags;
  return text;
}

std::string brief_help() { return std::string(kBrief); }

std::string version_text(bool json) {
  std::vector<std::string> known_families;
  for (const Family* family : families()) known_families.emplace_back(family->name);
  if (json) {
    const OrderedJson object = {{"schema", 1},
                                {"version", kVersion},
                                {"families", known_families},
                                {"chat_formats", chat_format_names()},
                                {"engine", engine_library_path().native()},
                                {"engine_found", exists(engine_library_path())},
                                {"compiler", __VERSION__}};
    return json_line(object);
  }
  std::string text = std::string("unmask ") + kVersion + "\nfamilies:";
  for (const Family* family : families()) {
    text += "\n  " + std::string(family->name) + ": " + std::string(family->models);
  }
  return text + "\nengine: " + display(engine_library_path()) +
         (exists(engine_library_path()) ? "" : " (missing)") + "\ncompiler: " + __VERSION__ + "\n";
}

}  // namespace unmask
