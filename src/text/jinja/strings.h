// What methods, filters and operators do to strings. Every byte keeps where it came from.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "text/jinja/interpreter.h"

namespace unmask::jinja {

/// The first place of `needle` at or after `from`, in linear time; npos where there is none.
std::size_t find_bytes(Heap& heap, std::string_view text, std::string_view needle,
                       std::size_t from = 0);
std::size_t rfind_bytes(Heap& heap, std::string_view text, std::string_view needle);

/// The byte at which the code point of this number begins.
std::size_t byte_of(const String& string, std::size_t code_point);

/// Without the characters of `set` (nullptr: white space) at the sides named.
Text stripped(Heap& heap, const Text& text, const String* set, bool left, bool right);

/// At most `limit` replacements, all for a negative one.
Text replaced(Heap& heap, const Text& text, std::string_view old, const Text& with,
              std::int64_t limit);

Values lines_of(Heap& heap, const Text& text, bool keep_ends);

enum class Case { upper, lower, title, capital, swapped, folded };
Text with_case(Heap& heap, const Text& text, Case to);

/// `count` times `fill`; fails where that is too much.
Text filled(Heap& heap, std::string_view fill, std::int64_t count);

/// Padded to `width` code points. Centred text has the odd blank where Python puts it.
Text padded(Heap& heap, const String& string, std::int64_t width, char alignment,
            std::string_view fill = " ");

}  // namespace unmask::jinja
