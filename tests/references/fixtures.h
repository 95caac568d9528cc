// The folders of tests/fixtures that hold a checkpoint, for both halves.
#pragma once

#include <string>
#include <vector>

namespace unmask::testing {

/// All of them, sorted.
std::vector<std::string> all_fixtures();

/// Those whose generate cases can be compared step by step: all but the few that draw.
std::vector<std::string> deterministic_fixtures();

/// The family that has to be named for the fixture's config.json; "" where it says it itself.
std::string named_family(const std::string& fixture);

}  // namespace unmask::testing
