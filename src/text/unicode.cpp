#include "text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/utf8.h"
#include "unmask/error.h"

namespace unmask::unicode {
namespace {

utf8proc_category_t category(char32_t code_point) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(code_point));
}

utf8proc_propval_t combining_class(utf8proc_int32_t code_point) {
  return utf8proc_get_property(code_point)->combining_class;
}

// Below U+0300 every character is its own composed form, and no mark follows to combine with.
bool is_trivially_composed(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char byte) { return static_cast<unsigned char>(byte) < 0xCC; });
}

std::vector<utf8proc_int32_t> decompose(std::string_view text, utf8proc_option_t options) {
  std::vector<utf8proc_int32_t> code_points;
  code_points.reserve(text.size());
  constexpr utf8proc_ssize_t kLongest = 32;  // the longest decomposition has 18
  utf8proc_int32_t buffer[kLongest];
  for (std::size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text, at);
    if (!decoded) throw Error(ErrorCode::usage, "text to normalise is not valid UTF-8");
    at += decoded->bytes;
    int last_boundary_class = 0;
    const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(decoded->code_point),
                                               buffer, kLongest, options, &last_boundary_class);
    if (count < 0 || count > kLongest) throw Error(ErrorCode::failure, "cannot normalise text");
    code_points.insert(code_points.end(), buffer, buffer + count);
  }
  return code_points;
}

// utf8proc's own reordering is an insertion sort, quadratic in the marks on one character.
void order_marks(std::vector<utf8proc_int32_t>& code_points) {
  const auto is_starter = [](utf8proc_int32_t c) { return combining_class(c) == 0; };
  for (auto mark = code_points.begin(); mark != code_points.end();) {
    mark = std::find_if_not(mark, code_points.end(), is_starter);
    const auto end = std::find_if(mark, code_points.end(), is_starter);
    std::stable_sort(mark, end, [](utf8proc_int32_t a, utf8proc_int32_t b) {
      return combining_class(a) < combining_class(b);
    });
    mark = end;
  }
}

}  // namespace

bool is_letter(char32_t code_point) {
  if (code_point < 0x80) {
    return (code_point | 0x20) >= 'a' && (code_point | 0x20) <= 'z';
  }
  const auto c = category(code_point);
  return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO;
}

bool is_number(char32_t code_point) {
  if (code_point < 0x80) return code_point >= '0' && code_point <= '9';
  const auto c = category(code_point);
  return c >= UTF8PROC_CATEGORY_ND && c <= UTF8PROC_CATEGORY_NO;
}

bool is_space(char32_t code_point) {
  if (code_point < 0x80) return code_point == ' ' || (code_point >= 0x09 && code_point <= 0x0D);
  if (code_point == 0x85) return true;
  const auto c = category(code_point);
  return c >= UTF8PROC_CATEGORY_ZS && c <= UTF8PROC_CATEGORY_ZP;
}

bool is_printable(char32_t code_point) {
  const auto c = category(code_point);
  return code_point == ' ' || (c >= UTF8PROC_CATEGORY_LU && c < UTF8PROC_CATEGORY_ZS);
}

bool is_decimal(char32_t code_point) { return category(code_point) == UTF8PROC_CATEGORY_ND; }

bool is_digit(char32_t code_point) {
  const auto within = [code_point](char32_t from, char32_t to) {
    return code_point >= from && code_point <= to;
  };
  return is_decimal(code_point) || within(0xB2, 0xB3) || code_point == 0xB9 ||
         code_point == 0x2070 || within(0x2074, 0x2079) || within(0x2080, 0x2089) ||
         within(0x2460, 0x2468) || within(0x2474, 0x247C) || within(0x2488, 0x2490);
}

bool is_numeric(char32_t code_point) { return is_number(code_point); }

bool is_word(char32_t code_point) {
  const auto c = category(code_point);
  if (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NL) return true;  // L*, M*, Nd, Nl
  if (c == UTF8PROC_CATEGORY_PC) return true;
  // Alphabetic symbols (circled and squared letters) and the two joiners.
  return (code_point >= 0x24B6 && code_point <= 0x24E9) ||
         (code_point >= 0x1F130 && code_point <= 0x1F149) ||
         (code_point >= 0x1F150 && code_point <= 0x1F169) ||
         (code_point >= 0x1F170 && code_point <= 0x1F189) || code_point == 0x200C ||
         code_point == 0x200D;
}

std::string normalize(std::string_view text, Form form) {
  const bool compatible = form == Form::nfkc || form == Form::nfkd;
  const bool compose = form == Form::nfc || form == Form::nfkc;
  if (form == Form::nfc && is_trivially_composed(text)) return std::string(text);

  int options = UTF8PROC_STABLE;
  if (compatible) options |= UTF8PROC_COMPAT;
  auto code_points = decompose(text, static_cast<utf8proc_option_t>(options | UTF8PROC_DECOMPOSE));
  order_marks(code_points);
  std::size_t size = code_points.size();
  if (compose) {
    const auto composed =
        utf8proc_normalize_utf32(code_points.data(), static_cast<utf8proc_ssize_t>(size),
                                 static_cast<utf8proc_option_t>(options | UTF8PROC_COMPOSE));
    if (composed < 0) throw Error(ErrorCode::failure, "cannot normalise text");
    size = static_cast<std::size_t>(composed);
  }
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < size; ++i) {
    utf8::append(result, static_cast<char32_t>(code_points[i]));
  }
  return result;
}

}  // namespace unmask::unicode
