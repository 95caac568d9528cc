// The table of a kind of rules: one line for each in its list, RULE(kNameOfTheCard).
#pragma once

#include "rules/cards.h"

#define UNMASK_DECLARE_COMMIT(card) extern const CommitCard card;
#define UNMASK_DECLARE_SCHEDULE(card) extern const ScheduleCard card;
#define UNMASK_DECLARE_REVISE(card) extern const ReviseCard card;
#define UNMASK_DECLARE_CACHE(card) extern const CacheCard card;
#define UNMASK_LIST(card) &card,
