/* What a refusal by a unique constraint means: the operation's own outcome, in one set of words. */
#ifndef CB_STORE_UNIQUE_H
#define CB_STORE_UNIQUE_H

#include "base/err.h"

/* `constraint` is "clients_identity" in PostgreSQL and "... clients.identity" in SQLite: it ends in the
 * column. */
CB_MUST cb_unique_refused(const char *constraint, struct cb_err *err);

#endif
