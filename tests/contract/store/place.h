/* A database of its own for each test, and what can befall it. CB_TEST_STORE says which kind. */
#ifndef PLACE_H
#define PLACE_H

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>

#include "store/store.h"

extern char place[512];        /* for cb_store_open */
extern struct cb_store *store; /* on it */
extern struct cb_err err;      /* of the last CODE(...) */

void place_new(void);      /* empty, with a store that has not been migrated */
void place_migrated(void); /* the same, migrated at second 1000 */
void place_done(void);
void place_only(const char *name); /* before one of the above: skips the test on other databases */

bool place_is_sqlite(void);
bool place_works(const char *sql); /* behind the store's back; false: the database refused */
void place_do(const char *sql);
int64_t place_number(const char *sql); /* the first column of the first row */
void place_away(void);                 /* connections break, new ones are refused */
void place_back(void);
void place_lock(void); /* nobody else can write */
void place_unlock(void);
void place_hang_up(void); /* connections break, new ones are welcome */

/* The code of a call that takes &err last: EXPECT(cb_store_check_schema(store, &err), CB_E_NONE). */
enum cb_code place_code(cb_status s);
#define CODE(call) (cb_err_clear(&err), place_code(call))
#define EXPECT(call, code)                                                                                   \
    do {                                                                                                     \
        const enum cb_code got_ = CODE(call);                                                                \
        cr_expect_eq(got_, (code), "%s: %s (%s), not %s", #call, cb_code_reason(got_), err.detail,           \
                     cb_code_reason(code));                                                                  \
    } while (0)
#define MUST(call) cr_assert_eq(CODE(call), CB_E_NONE, "%s: %s", #call, err.detail)

/* A client with everything, and an identity that follows from its name; made and changed at second 1000. */
struct cb_client_record client_of(const char *client_id);
struct cb_client_record client_stored(
    const char *client_id); /* as it is now; fails the test if it is not there */
struct cb_key_record key_of(const char *kid, int64_t active_from);

int64_t generation(void);

#endif
