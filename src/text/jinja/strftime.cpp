#include <array>
#include <chrono>

#include "text/jinja/functions.h"

namespace unmask::jinja {
namespace {

struct Moment {
  std::chrono::year_month_day date;
  std::chrono::weekday weekday;
  int day_of_year;  // from 0
  int hour, minute, second;
};

constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

Moment moment(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds(seconds)};
  const sys_days day = floor<days>(time);
  const hh_mm_ss clock(time - day);
  const year_month_day date(day);
  const sys_days new_year(date.year() / January / 1);
  return {date,
          weekday(day),
          static_cast<int>((day - new_year).count()),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count())};
}

std::string padded(int number, std::size_t width, char fill = '0') {
  const std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), fill) + digits;
}

// ISO 8601: the week belongs to the year that its Thursday lies in.
struct IsoWeek {
  int year, week;
};

IsoWeek iso_week(const Moment& now) {
  const int weekday = static_cast<int>(now.weekday.iso_encoding());
  const auto days_in = [](int year) { return std::chrono::year(year).is_leap() ? 366 : 365; };
  int year = static_cast<int>(now.date.year());
  int thursday = now.day_of_year + 4 - weekday;
  if (thursday < 0) {
    thursday += days_in(--year);
  } else if (thursday >= days_in(year)) {
    thursday -= days_in(year++);
  }
  return {year, thursday / 7 + 1};
}

// What the directive stands for; "" with `known` false where it is none.
std::string directive(char c, const Moment& now, std::int64_t seconds, bool& known) {
  const int year = static_cast<int>(now.date.year());
  const int month = static_cast<int>(static_cast<unsigned>(now.date.month()));
  const int day = static_cast<int>(static_cast<unsigned>(now.date.day()));
  const int weekday = static_cast<int>(now.weekday.c_encoding());
  const std::string_view day_name = kDays[static_cast<std::size_t>(weekday)];
  const std::string_view month_name = kMonths[static_cast<std::size_t>(month) - 1];
  const int hour12 = now.hour % 12 == 0 ? 12 : now.hour % 12;
  const auto part = [&](char which) { return directive(which, now, seconds, known); };
  switch (c) {
    case 'a':
      return std::string(day_name.substr(0, 3));
    case 'A':
      return std::string(day_name);
    case 'b':
    case 'h':
      return std::string(month_name.substr(0, 3));
    case 'B':
      return std::string(month_name);
    case 'c':
      return part('a') + " " + part('b') + " " + part('e') + " " + part('T') + " " + part('Y');
    case 'C':
      return padded(year / 100, 2);
    case 'd':
      return padded(day, 2);
    case 'D':
    case 'x':
      return part('m') + "/" + part('d') + "/" + part('y');
    case 'e':
      return padded(day, 2, ' ');
    case 'f':
      return "000000";
    case 'F':
      return part('Y') + "-" + part('m') + "-" + part('d');
    case 'g':
      return padded(iso_week(now).year % 100, 2);
    case 'G':
      return std::to_string(iso_week(now).year);
    case 'H':
      return padded(now.hour, 2);
    case 'I':
      return padded(hour12, 2);
    case 'j':
      return padded(now.day_of_year + 1, 3);
    case 'k':
      return padded(now.hour, 2, ' ');
    case 'l':
      return padded(hour12, 2, ' ');
    case 'm':
      return padded(month, 2);
    case 'M':
      return padded(now.minute, 2);
    case 'n':
      return "\n";
    case 'p':
      return now.hour < 12 ? "AM" : "PM";
    case 'P':
      return now.hour < 12 ? "am" : "pm";
    case 'r':
      return part('I') + ":" + part('M') + ":" + part('S') + " " + part('p');
    case 'R':
      return part('H') + ":" + part('M');
    case 's':
      return std::to_string(seconds);
    case 'S':
      return padded(now.second, 2);
    case 't':
      return "\t";
    case 'T':
    case 'X':
      return part('H') + ":" + part('M') + ":" + part('S');
    case 'u':
      return std::to_string(weekday == 0 ? 7 : weekday);
    case 'U':
      return padded((now.day_of_year + 7 - weekday) / 7, 2);
    case 'V':
      return padded(iso_week(now).week, 2);
    case 'w':
      return std::to_string(weekday);
    case 'W':
      return padded((now.day_of_year + 7 - (weekday + 6) % 7) / 7, 2);
    case 'y':
      return padded(year % 100, 2);
    case 'Y':
      return std::to_string(year);
    case 'z':
    case 'Z':
      return "";
    case '%':
      return "%";
    default:
      known = false;
      return "";
  }
}

}  // namespace

std::string strftime(Heap& heap, std::string_view format, std::int64_t seconds) {
  const Moment now = moment(seconds);
  std::string result;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%' || at + 1 == format.size()) {
      result += format[at];
      continue;
    }
    heap.work();
    heap.room(result.size() + 64);
    bool known = true;
    // %-d is glibc's: without the zero in front. E and O ask for other calendars, which C has not.
    std::size_t letter = at + 1;
    const bool bare = format[letter] == '-' && letter + 1 < format.size();
    if (bare) ++letter;
    if ((format[letter] == 'E' || format[letter] == 'O') && letter + 1 < format.size()) ++letter;
    std::string text = directive(format[letter], now, seconds, known);
    if (!known) {
      result += '%';
      continue;
    }
    if (bare) {
      const std::size_t digit = std::min(text.find_first_not_of("0 "), text.size());
      text.erase(0, digit == text.size() && digit > 0 ? digit - 1 : digit);
    }
    result += text;
    at = letter;
  }
  return result;
}

}  // namespace unmask::jinja
