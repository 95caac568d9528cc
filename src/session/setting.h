// A setting of a run, described once: flags, lines of a batch, help and fingerprints are made of
// it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unmask/error.h"

namespace unmask {

/// Whether an answer depends on a setting.
enum class Decides {
  unsaid,    ///< nobody has thought about it
  nothing,   ///< where and how fast it is made, or what becomes of it
  answer,    ///< what is written depends on what was typed
  resolved,  ///< it does, but on what the setting comes to for the model at hand
};

/// How the text of a setting is kept in an `Of`, and read back.
template <class Of>
struct Access {
  std::function<void(Of&, std::string_view text)> set;  ///< Error{usage} for what it does not take
  /// As it could be typed; nothing where it is not given.
  std::function<std::optional<std::string>(const Of&)> get;
};

template <class Of>
struct Setting {
  std::string name;         ///< without dashes: "truncate"
  std::string letter = {};  ///< one-letter flag, or ""
  std::string value = {};   ///< what the value is called in help: "SIDE"; "" for a switch
  std::string group;        ///< heading in help
  std::string help;         ///< one sentence
  std::vector<std::string> choices = {};  ///< values that are known beforehand
  bool repeatable = false;
  bool per_line = false;  ///< a line of a batch may set it for itself
  Decides decides = Decides::unsaid;
  Access<Of> access;
};

// The text of a value that was given.
std::optional<std::string> text_of(bool value);  ///< "on", or nothing
std::optional<std::string> text_of(int value);
std::optional<std::string> text_of(std::uint64_t value);
std::optional<std::string> text_of(double value);              ///< 0: nothing
std::optional<std::string> text_of(const std::string& value);  ///< "": nothing
std::optional<std::string> text_of(const std::vector<int>& ids);
std::optional<std::string> text_of(const std::vector<std::string>& texts);  ///< a JSON list

template <class Value>
std::optional<std::string> text_of(const std::optional<Value>& value) {
  return value ? text_of(*value) : std::nullopt;
}

/// A switch. `member` is a function that gives a bool& of an Of&.
template <class Of, class Member>
Access<Of> turned_on(Member member) {
  return {[member](Of& of, std::string_view) { member(of) = true; },
          [member](const Of& of) { return text_of(member(of)); }};
}

/// A value that `parse` makes of its text.
template <class Of, class Member, class Parse>
Access<Of> parsed(Member member, Parse parse) {
  return {[member, parse](Of& of, std::string_view text) { member(of) = parse(text); },
          [member](const Of& of) { return text_of(member(of)); }};
}

/// A text as it stands.
template <class Of, class Member>
Access<Of> kept(Member member) {
  return parsed<Of>(member, [](std::string_view text) { return std::string(text); });
}

/// A name for a value.
template <class Value>
struct Named {
  std::string_view name;
  Value value;
};

/// Throws Error{usage}: "--side is 'middle'; it is one of left, right".
[[noreturn]] void refuse_choice(std::string_view flag, std::string_view text,
                                const std::vector<std::string>& known);

template <class Choices>
std::vector<std::string> names_of(const Choices& choices) {
  std::vector<std::string> names;
  for (const auto& choice : choices) names.emplace_back(choice.name);
  return names;
}

template <class Choices>
auto named(std::string_view flag, std::string_view text, const Choices& choices) {
  for (const auto& choice : choices) {
    if (choice.name == text) return choice.value;
  }
  refuse_choice(flag, text, names_of(choices));
}

/// One of a few names. What is none of them (nothing was given) has no text.
template <class Of, class Member, class Choices>
Access<Of> chosen(const char* flag, Member member, const Choices& choices) {
  return {[flag, member, &choices](Of& of, std::string_view text) {
            member(of) = named(flag, text, choices);
          },
          [member, &choices](const Of& of) -> std::optional<std::string> {
            for (const auto& choice : choices) {
              if (member(of) == choice.value) return std::string(choice.name);
            }
            return std::nullopt;
          }};
}

}  // namespace unmask
