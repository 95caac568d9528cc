// "Did you mean ...?"
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace unmask {

/// The candidate that `typed` most likely stands for: the one it is the beginning of, else the one
/// with the fewest letters to change, as long as those are few. nullopt when nothing is near.
std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> candidates);

}  // namespace unmask
