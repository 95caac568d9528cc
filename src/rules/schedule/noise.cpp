// The noise of MDLM and BD3-LM, in which the reverse process runs.
#include "rules/cards.h"
#include "rules/schedule/times.h"

namespace unmask {

extern const ScheduleCard kLinearSchedule{
    .rule = {.name = "linear", .help = "for ancestral commits", .parameters = kLastTime},
    .noise = NoiseProcess{},
};

/// MDLM's trained noise stops short of masking everything.
extern const ScheduleCard kLoglinearSchedule{
    .rule = {.name = "loglinear", .help = "likewise", .parameters = kLastTime},
    .noise = NoiseProcess{.most = 1 - 1e-3},
};

extern const ScheduleCard kBd3lmSchedule{
    .rule = {.name = "bd3lm", .help = "likewise, block by block"},
    .noise = NoiseProcess{.to_zero = true},
};

}  // namespace unmask
