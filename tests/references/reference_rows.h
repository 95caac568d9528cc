// What a reference did with each sequence of a case.
#pragma once

#include "base/json.h"
#include "checkpoint/safetensors.h"
#include "references/reference_cases.h"

namespace unmask::testing {

/// Fills rows and forwards of a case whose parameters have been read.
void read_rows(const Json& json, const SafetensorsFile& goldens, ReferenceCase& reference);

// Of references that write one sequence, each with a form of its own.
void read_sdar_row(const Json& json, ReferenceCase& reference);
void read_rnd1_row(const Json& json, ReferenceCase& reference);
void read_fast_dllm_v2_row(const Json& json, ReferenceCase& reference);

/// Brings a reference's buffers, one for each step, into the form of ReferenceRow: `size` positions
/// from `begin` on.
void set_states(ReferenceRow& row, const std::vector<Ids>& buffers, std::size_t begin,
                std::size_t size, int mask_id);

/// How many tokens the case adds to its prompts.
std::size_t added_tokens(const ReferenceCase& reference);

}  // namespace unmask::testing
