#ifndef CB_FOLD_H
#define CB_FOLD_H

#include "base/arena.h"

/* What caseIgnoreMatch compares, from valid UTF-8: letters folded to small, spaces at both ends dropped,
 * spaces within as one (RFC 4518 section 2.6.1). Folds ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic;
 * no NFKC, so a letter with a combining mark is not its composed form. p == NULL when memory is used up. */
struct cb_str cb_fold(struct cb_arena *a, struct cb_str utf8);

#endif
