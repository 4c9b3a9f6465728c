/* What `client list` and its like print: a table for people or, with --json, one object with one array. */
#ifndef CB_LISTING_H
#define CB_LISTING_H

#include "base/json_out.h"
#include "cli/cli.h"

struct cb_listing {
    struct cb_cli *cli;
    bool as_json;
    struct cb_table table;   /* for the rows, where it is not JSON */
    struct cb_json_out json; /* inside the array, where it is */
    struct cb_buf text;
};

/* `member` names the array. */
void cb_listing_begin(struct cb_listing *l, struct cb_cli *cli, bool as_json, const char *member,
                      const struct cb_str *headings, size_t columns);
#define CB_LISTING_BEGIN(l, cli, as_json, member, ...)                                                       \
    cb_listing_begin(l, cli, as_json, member, (const struct cb_str[]){ __VA_ARGS__ },                        \
                     CB_COUNT(((const struct cb_str[]){ __VA_ARGS__ })))

/* All is listed, or `err` says why not. Returns the exit status. */
int cb_listing_end(struct cb_listing *l, cb_status listed, const struct cb_err *err);
void cb_listing_done(struct cb_listing *l);

#endif
