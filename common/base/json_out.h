/* The one way to write JSON: tokens, replies, documents and log lines, straight into a cb_buf. RFC 8259. */
#ifndef CB_JSON_OUT_H
#define CB_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct cb_json_out {
    struct cb_buf *b;
    bool comma; /* a value stands before the next one */
};

/* A failure sticks in the buffer; check that once at the end. Nesting is the caller's business. */
struct cb_json_out cb_json_out(struct cb_buf *b);
void cb_json_open(struct cb_json_out *j, char bracket);   /* '{' or '[' */
void cb_json_close(struct cb_json_out *j, char bracket);  /* '}' or ']' */
void cb_json_key(struct cb_json_out *j, const char *key); /* a word of ours: it is not escaped */

/* Bytes that are not UTF-8 become U+FFFD, one for each: a log line must never fail for what it quotes. */
void cb_json_str(struct cb_json_out *j, struct cb_str s);
void cb_json_cstr(struct cb_json_out *j, const char *s); /* NULL writes null */
void cb_json_int(struct cb_json_out *j, int64_t v);
void cb_json_bool(struct cb_json_out *j, bool v);
void cb_json_null(struct cb_json_out *j);
void cb_json_raw(struct cb_json_out *j, struct cb_str json); /* already JSON, from our own hand */

/* A member in one line. */
void cb_json_put_str(struct cb_json_out *j, const char *key, struct cb_str s);
void cb_json_put_cstr(struct cb_json_out *j, const char *key, const char *s);
void cb_json_put_int(struct cb_json_out *j, const char *key, int64_t v);
void cb_json_put_bool(struct cb_json_out *j, const char *key, bool v);
void cb_json_put_time(struct cb_json_out *j, const char *key, int64_t unix_seconds); /* RFC 3339 */

#endif
