#ifndef CB_STORE_MIGRATE_H
#define CB_STORE_MIGRATE_H

#include "base/err.h"
#include "store/sql.h"

/* Are the files numbered 0001, 0002 and so on without a gap? CB_E_INTERNAL. */
CB_MUST cb_migrations_check(const struct cb_sql_file *files, struct cb_err *err);

#endif
