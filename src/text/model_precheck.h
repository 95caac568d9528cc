// A look at a sentencepiece model file before the library gets to see it. The library has crashed
// on hostile files before (CVE-2026-1260, issues 1263 and 1269 of its repository), and nobody
// vouches for a file from a stranger.
#pragma once

#include <string>
#include <string_view>

namespace unmask {

/// Error{checkpoint} with what is wrong unless `model` is a well-formed message of the right shape,
/// with at most two million pieces, each of 1 to 4,096 bytes of UTF-8 without NUL and with a finite
/// score, no two alike, and normalisation tables that never point outside of themselves.
/// `source` names the file.
void precheck_sentencepiece_model(std::string_view model, const std::string& source);

}  // namespace unmask
