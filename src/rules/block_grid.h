// Where the blocks of a canvas lie.
#pragma once

#include <vector>

#include "base/range.h"
#include "rules/canvas.h"
#include "unmask/engine.h"
#include "unmask/options.h"

namespace unmask {

/// Which keys a query sees under these options. Blocks of the attention are those of the grid: from
/// position 0, or so that one of them ends where the prompt does.
Attention block_attention(const DecodeOptions& options, int prompt);

/// The blocks with something open, from left to right. Under full attention and with the prompt's
/// grid they begin at the end of the prompt, whatever is open in it. Where nothing is added to the
/// prompt, they cover all of the canvas.
std::vector<Range> cut_into_blocks(const DecodeOptions& options, const Canvas& canvas);

}  // namespace unmask
