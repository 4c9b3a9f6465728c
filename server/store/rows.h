/* Row to record, in one place for each. The strings are the row's. */
#ifndef CB_STORE_ROWS_H
#define CB_STORE_ROWS_H

#include "store/store.h"
#include "store/store_ops.h"

struct cb_client_record cb_client_of_row(
    const struct cb_sql_value *row);                                /* client_get, client_all, client_page */
struct cb_key_record cb_key_of_row(const struct cb_sql_value *row); /* key_all */
struct cb_revocation_record cb_revocation_of_row(
    const struct cb_sql_value *row); /* revocation_all, revocation_page */

#endif
