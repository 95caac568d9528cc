// What the three standard streams are connected to, and what may be shown on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace unmask {

enum class StandardStream { input = 0, output = 1, error = 2 };

bool is_terminal(StandardStream stream);

/// Whether lines can be drawn over: a terminal that is not TERM=dumb.
bool can_redraw(StandardStream stream);

/// Columns of the terminal; 80 where it does not say.
int terminal_width(StandardStream stream);

/// Whether to colour by default: can_redraw and NO_COLOR is unset or empty.
bool wants_color(StandardStream stream);

/// `text` with what a terminal would obey instead of show made visible: C0 and C1 controls other
/// than line feed and tab, DEL, and the marks that reorder text. ESC becomes U+241B, "␛". Bytes
/// that are no valid UTF-8 become U+FFFD.
std::string visible_controls(std::string_view text);

}  // namespace unmask
