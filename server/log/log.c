#include "log/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_out.h"
#include "base/limits.h"

static const char *const level_names[] = {
    [CB_LOG_DEBUG] = "debug", [CB_LOG_INFO] = "info", [CB_LOG_WARNING] = "warning", [CB_LOG_ERROR] = "error"
};

static const struct {
    enum cb_log_level level;
    const char *name;
} events[CB_EV__MAX] = {
#define CB_EVENT(name, level, text) [CB_EV_##name] = { CB_LOG_##level, text },
#include "log/events.def"
#undef CB_EVENT
};

struct cb_log {
    int fd;
    atomic_int least;
    atomic_uint_least64_t counts[CB_EV__MAX];
};

cb_status cb_log_new(int fd, enum cb_log_level least, struct cb_log **out, struct cb_err *err)
{
    struct cb_log *log = calloc(1, sizeof *log);
    CB_ENSURE(log != NULL, CB_E_MEMORY, "log");
    log->fd = fd;
    atomic_init(&log->least, (int)least);
    *out = log;
    return CB_OK;
}

void cb_log_free(struct cb_log *log)
{
    free(log);
}

void cb_log_set_level(struct cb_log *log, enum cb_log_level least)
{
    atomic_store_explicit(&log->least, (int)least, memory_order_relaxed);
}

bool cb_log_level_of(struct cb_str name, enum cb_log_level *out)
{
    for (size_t i = 0; i < CB_COUNT(level_names); i++) {
        if (cb_str_is(name, level_names[i])) {
            *out = (enum cb_log_level)i;
            return true;
        }
    }
    return false;
}

/* A line in the making. Members are added whole or not at all, so that it is valid JSON at any size. */
struct line {
    struct cb_buf b;
    struct cb_json_out json;
    bool truncated;
};

static const struct cb_str truncated_end = { ",\"truncated\":true}\n", sizeof(",\"truncated\":true}\n") - 1 };

static struct cb_str cut(struct cb_str s)
{
    size_t n = CB_LOG_TEXT;
    for (int back = 0; back < 3 && ((unsigned char)s.p[n] & 0xc0) == 0x80; back++) {
        n--;
    }
    return (struct cb_str){ s.p, n };
}

static void put_field(struct line *l, const struct cb_log_field *f)
{
    const bool is_text = f->kind == CB_FIELD_STR || f->kind == CB_FIELD_WHOLE;
    if (f->kind == CB_FIELD_NONE || (is_text && f->text.n == 0)) {
        return;
    }
    const size_t before = l->b.n;
    const bool too_long = f->kind == CB_FIELD_STR && f->text.n > CB_LOG_TEXT;
    if (is_text) {
        cb_json_put_str(&l->json, f->key, too_long ? cut(f->text) : f->text);
    } else if (f->kind == CB_FIELD_INT) {
        cb_json_put_int(&l->json, f->key, f->number);
    } else {
        cb_json_put_bool(&l->json, f->key, f->number != 0);
    }
    l->truncated |= too_long || l->b.failed;
    if (l->b.failed) {
        l->b.failed = false;
        l->b.n = before;
    }
}

/* Formatting a date costs more than the rest of the line, and many lines share a second. */
static void put_time(struct line *l)
{
    static _Thread_local struct {
        int64_t second;
        char text[CB_TIME_TEXT];
    } cache;
    const int64_t ms = cb_clock_unix_ms();
    if (cache.second != ms / 1000) {
        cache.second = ms / 1000;
        cb_time_text(cache.second, cache.text);
    }
    const char fraction[] = { '.', (char)('0' + ms / 100 % 10), (char)('0' + ms / 10 % 10),
                              (char)('0' + ms % 10), 'Z' };
    cb_json_key(&l->json, "time");
    cb_buf_add_char(&l->b, '"');
    cb_buf_add(&l->b, cache.text, sizeof "2026-01-31T23:59:59" - 1);
    cb_buf_add(&l->b, fraction, sizeof fraction);
    cb_buf_add_char(&l->b, '"');
    l->json.comma = true;
}

static void put_err(struct line *l, const struct cb_err *err)
{
    const char *slash = err->file == NULL ? NULL : strrchr(err->file, '/');
    char at[64];
    struct cb_buf b;
    cb_buf_over(&b, at, sizeof at);
    cb_buf_add_fmt(&b, "%.48s:%d", slash != NULL ? slash + 1 : err->file == NULL ? "" : err->file, err->line);
    const struct cb_log_field fields[] = { CB_F_CSTR("reason", cb_code_reason(err->code)),
                                           CB_F_CSTR("detail", err->detail), CB_F_STR("at", cb_buf_str(&b)) };
    for (size_t i = 0; i < CB_COUNT(fields); i++) {
        put_field(l, &fields[i]);
    }
}

/* One write: the kernel keeps lines of several threads apart, on a pipe up to PIPE_BUF. There is nobody to
 * tell when it fails. */
static void emit(int fd, const struct cb_buf *b)
{
    while (write(fd, b->p, b->n) < 0 && errno == EINTR) {
    }
}

void cb_log_write(struct cb_log *log, enum cb_event event, const struct cb_err *err,
                  const struct cb_log_field *fields, size_t count)
{
    if (log == NULL || event >= CB_EV__MAX) {
        return;
    }
    cb_log_count_one(log, event);
    if ((int)events[event].level < atomic_load_explicit(&log->least, memory_order_relaxed)) {
        return;
    }
    char memory[CB_LIMIT_LOG_LINE];
    struct line l = { 0 };
    cb_buf_over(&l.b, memory, sizeof memory - truncated_end.n); /* room for the end is kept back */
    l.json = cb_json_out(&l.b);
    cb_json_open(&l.json, '{');
    put_time(&l);
    cb_json_put_cstr(&l.json, "level", level_names[events[event].level]);
    cb_json_put_cstr(&l.json, "event", events[event].name);
    if (err != NULL && err->code != CB_E_NONE) {
        put_err(&l, err);
    }
    for (size_t i = 0; i < count; i++) {
        put_field(&l, &fields[i]);
    }
    l.b.max = l.b.cap = sizeof memory;
    cb_buf_add_str(&l.b, l.truncated ? truncated_end : CB_STR("}\n"));
    emit(log->fd, &l.b);
}

void cb_log_count_one(struct cb_log *log, enum cb_event event)
{
    if (log != NULL && event < CB_EV__MAX) {
        atomic_fetch_add_explicit(&log->counts[event], 1, memory_order_relaxed);
    }
}

uint64_t cb_log_count(const struct cb_log *log, enum cb_event event)
{
    return event < CB_EV__MAX ? atomic_load_explicit(&log->counts[event], memory_order_relaxed) : 0;
}

const char *cb_event_name(enum cb_event event)
{
    return event < CB_EV__MAX ? events[event].name : "unknown";
}
