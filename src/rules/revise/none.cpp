// What is settled stays.
#include "rules/cards.h"

namespace unmask {

extern const ReviseCard kNoRevise{
    .rule = {.name = "none"},
    .finality = Finality::at_once,
};

}  // namespace unmask
