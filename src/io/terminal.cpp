#include "io/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/utf8.h"

namespace unmask {
namespace {

int descriptor(StandardStream stream) { return static_cast<int>(stream); }

bool environment_has(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool reorders_text(char32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

/// The symbol that stands for a character, or the character itself.
char32_t visible(char32_t c) {
  constexpr char32_t kSymbolForNull = 0x2400;  // the control pictures follow the order of C0
  constexpr char32_t kSymbolForDelete = 0x2421;
  constexpr char32_t kReplacement = 0xFFFD;
  if (c == '\n' || c == '\t') return c;
  if (c < 0x20) return kSymbolForNull + c;
  if (c == 0x7F) return kSymbolForDelete;
  if ((c >= 0x80 && c < 0xA0) || reorders_text(c)) return kReplacement;
  return c;
}

}  // namespace

bool is_terminal(StandardStream stream) { return ::isatty(descriptor(stream)) == 1; }

bool can_redraw(StandardStream stream) {
  const char* term = std::getenv("TERM");
  return is_terminal(stream) && term != nullptr && std::string_view(term) != "dumb";
}

int terminal_width(StandardStream stream) {
  constexpr int kDefaultWidth = 80;
  winsize size{};
  const bool known = ::ioctl(descriptor(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kDefaultWidth;
}

bool wants_color(StandardStream stream) {
  return can_redraw(stream) && !environment_has("NO_COLOR");
}

std::string visible_controls(std::string_view text) {
  const std::string valid = utf8::replace_invalid(text);
  std::string shown;
  shown.reserve(valid.size());
  for (std::size_t i = 0; i < valid.size();) {
    const auto decoded = utf8::decode(valid, i);
    if (!decoded) break;  // cannot be: replaced above
    utf8::append(shown, visible(decoded->code_point));
    i += decoded->bytes;
  }
  return shown;
}

}  // namespace unmask
