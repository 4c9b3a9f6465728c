#ifndef CB_FOLD_H
#define CB_FOLD_H

#include "base/arena.h"

/* What caseIgnoreMatch compares, from valid UTF-8, by RFC 4518: spaces of every kind at both ends dropped and
 * within as one, characters that are not seen dropped, letters folded to small: ASCII, Latin (1, Extended-A,
 * the Romanian ones), Greek and Cyrillic, one for one. Limits: other scripts keep their case, a sharp s is
 * not "ss", and there is no NFKC, so a letter with a combining mark is not its composed form. What is not
 * folded together does not match; nothing matches that should not. p == NULL when memory is used up. */
struct cb_str cb_fold(struct cb_arena *a, struct cb_str utf8);

#endif
