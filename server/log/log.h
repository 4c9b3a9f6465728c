/* Structured log: one JSON object a line, events from a closed list, no free text from a peer without
 * escaping. A token, key, code or PEM has no way in: fields are text that the caller already decided is
 * public. */
#ifndef CB_LOG_H
#define CB_LOG_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum cb_log_level { CB_LOG_DEBUG, CB_LOG_INFO, CB_LOG_WARNING, CB_LOG_ERROR };

enum cb_event {
#define CB_EVENT(name, level, text) CB_EV_##name,
#include "log/events.def"
#undef CB_EVENT
    CB_EV__MAX
};

struct cb_log_field {
    const char *key;
    enum { CB_FIELD_NONE, CB_FIELD_STR, CB_FIELD_WHOLE, CB_FIELD_INT, CB_FIELD_BOOL } kind;
    struct cb_str text; /* escaped when written, cut to CB_LOG_TEXT bytes unless WHOLE; n == 0: left out */
    int64_t number;
};

#define CB_LOG_TEXT      256

#define CB_F_STR(k, s)   ((struct cb_log_field){ .key = (k), .kind = CB_FIELD_STR, .text = (s) })
#define CB_F_CSTR(k, s)  CB_F_STR(k, cb_str_of(s))
#define CB_F_WHOLE(k, s) ((struct cb_log_field){ .key = (k), .kind = CB_FIELD_WHOLE, .text = (s) })
#define CB_F_INT(k, v)   ((struct cb_log_field){ .key = (k), .kind = CB_FIELD_INT, .number = (int64_t)(v) })
#define CB_F_BOOL(k, v)  ((struct cb_log_field){ .key = (k), .kind = CB_FIELD_BOOL, .number = (v) })

/* Thread-safe; a line is one write(2). Counts every event for /metrics, whether or not its level is written.
 * What does not fit into CB_LIMIT_LOG_LINE is left out, and the line says "truncated":true. */
struct cb_log;

CB_MUST cb_log_new(int fd, enum cb_log_level least, struct cb_log **out,
                   struct cb_err *err); /* fd stays the caller's */
void cb_log_free(struct cb_log *log);
void cb_log_set_level(struct cb_log *log, enum cb_log_level least);
bool cb_log_level_of(struct cb_str name, enum cb_log_level *out); /* "warning"; false: no such level */

/* log == NULL writes nothing. */
void cb_log_write(struct cb_log *log, enum cb_event event, const struct cb_err *err,
                  const struct cb_log_field *fields, size_t count);

/* CB_LOG(log, CB_EV_X, err_or_NULL, CB_F_INT("port", 1), ...): err adds reason, detail and file:line. */
#define CB_LOG(log, event, err, ...)                                                                         \
    cb_log_write((log), (event), (err), (const struct cb_log_field[]){ { 0 }, __VA_ARGS__ },                 \
                 sizeof((const struct cb_log_field[]){ { 0 }, __VA_ARGS__ }) / sizeof(struct cb_log_field))

/* Counts an event of which no line is written, because there are too many. */
void cb_log_count_one(struct cb_log *log, enum cb_event event);

uint64_t cb_log_count(const struct cb_log *log, enum cb_event event);
const char *cb_event_name(enum cb_event event); /* "token_issued" */

#endif
