// What will happen: everything about a run that is known before the weights are opened.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "session/prompt.h"
#include "session/setup.h"
#include "unmask/engine.h"

namespace unmask {

struct Plan {
  std::shared_ptr<const Setup> setup;
  std::vector<Segment> canvas;  ///< the prompt; what `options.length` adds follows it
  bool from_ids = false;        ///< the prompt came as ids
  DecodeOptions options;
  int vocab = 0;           ///< ids at or above are never written; 0: as config.json says
  std::uint64_t seed = 0;  ///< of the first draft
  int num = 1;             ///< drafts
  std::vector<std::string> stops;
  double deadline = 0;   ///< seconds from the start of the command; 0: none
  int max_forwards = 0;  ///< 0: no limit

  int prompt_tokens() const { return length_of(canvas); }
  int open_positions() const;  ///< of the prompt
  int canvas_tokens() const { return canvas_size(options, prompt_tokens()); }
};

/// The options of a run: as typed, over those of the preset or the checkpoint, which may have
/// others for a prompt that has holes.
DecodeOptions run_options(const RunOptions& run, const ModelFacts& facts, bool has_holes = false);

/// A seed that nobody chose. 53 bits, which every reader of JSON keeps.
std::uint64_t random_seed();

/// Resolves what is to be decoded for one prompt.
/// Precedence of options: flag, --preset, the checkpoint's generation_config.json, the family.
/// Of the settings those of the prompt and of the run count here.
Plan make_plan(std::shared_ptr<const Setup> setup, const Settings& settings, const Prompt& prompt);

/// What the engine is asked for: one canvas for each draft. `seconds_left`: until the deadline, 0
/// where there is none.
std::vector<GenerationRequest> make_requests(const Plan& plan, double seconds_left);

}  // namespace unmask
