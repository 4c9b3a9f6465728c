#include "base/json_out.h"

#include "base/clock.h"
#include "base/utf8.h"

struct cb_json_out cb_json_out(struct cb_buf *b)
{
    return (struct cb_json_out){ .b = b };
}

static void separate(struct cb_json_out *j)
{
    if (j->comma) {
        cb_buf_add_char(j->b, ',');
    }
    j->comma = true;
}

void cb_json_open(struct cb_json_out *j, char bracket)
{
    separate(j);
    cb_buf_add_char(j->b, bracket);
    j->comma = false;
}

void cb_json_close(struct cb_json_out *j, char bracket)
{
    cb_buf_add_char(j->b, bracket);
    j->comma = true;
}

/* What stands in a string as it is: visible ASCII and the space, without the quote and the backslash. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static size_t plain_run(struct cb_str s)
{
    size_t n = 0;
    while (n < s.n && is_plain((unsigned char)s.p[n])) {
        n++;
    }
    return n;
}

/* One character that is not plain; how many bytes it took. */
static size_t special(struct cb_buf *b, struct cb_str s)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char c = (unsigned char)s.p[0];
    const size_t length = c < 0x80 ? 1 : cb_utf8_sequence(s);
    if (c == '"' || c == '\\') {
        cb_buf_add(b, (const char[]){ '\\', (char)c }, 2);
    } else if (length == 1) {
        cb_buf_add(b, (const char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
    } else if (length == 0) {
        cb_buf_add_cstr(b, "\xef\xbf\xbd");
    } else {
        cb_buf_add(b, s.p, length);
    }
    return length == 0 ? 1 : length;
}

static void quoted(struct cb_buf *b, struct cb_str s)
{
    cb_buf_add_char(b, '"');
    while (s.n > 0) {
        size_t n = plain_run(s);
        cb_buf_add(b, s.p, n);
        if (n < s.n) {
            n += special(b, (struct cb_str){ s.p + n, s.n - n });
        }
        s = (struct cb_str){ s.p + n, s.n - n };
    }
    cb_buf_add_char(b, '"');
}

/* Keys are our own words and need no escape. */
void cb_json_key(struct cb_json_out *j, const char *key)
{
    const size_t n = strlen(key);
    char *p = cb_buf_space(j->b, n + 3 + j->comma);
    if (p != NULL) {
        p[0] = ',';
        p += j->comma;
        p[0] = '"';
        memcpy(p + 1, key, n);
        memcpy(p + 1 + n, "\":", 2);
    }
    j->comma = false;
}

void cb_json_str(struct cb_json_out *j, struct cb_str s)
{
    separate(j);
    quoted(j->b, s);
}

void cb_json_cstr(struct cb_json_out *j, const char *s)
{
    if (s == NULL) {
        cb_json_null(j);
    } else {
        cb_json_str(j, cb_str_of(s));
    }
}

void cb_json_int(struct cb_json_out *j, int64_t v)
{
    separate(j);
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = v < 0 ? ~(uint64_t)v + 1 : (uint64_t)v;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (v < 0) {
        cb_buf_add_char(j->b, '-');
    }
    cb_buf_add(j->b, digits + at, sizeof digits - at);
}

void cb_json_bool(struct cb_json_out *j, bool v)
{
    cb_json_raw(j, v ? CB_STR("true") : CB_STR("false"));
}

void cb_json_null(struct cb_json_out *j)
{
    cb_json_raw(j, CB_STR("null"));
}

void cb_json_raw(struct cb_json_out *j, struct cb_str json)
{
    separate(j);
    cb_buf_add_str(j->b, json);
}

void cb_json_put_str(struct cb_json_out *j, const char *key, struct cb_str s)
{
    cb_json_key(j, key);
    cb_json_str(j, s);
}

void cb_json_put_cstr(struct cb_json_out *j, const char *key, const char *s)
{
    cb_json_key(j, key);
    cb_json_cstr(j, s);
}

void cb_json_put_int(struct cb_json_out *j, const char *key, int64_t v)
{
    cb_json_key(j, key);
    cb_json_int(j, v);
}

void cb_json_put_bool(struct cb_json_out *j, const char *key, bool v)
{
    cb_json_key(j, key);
    cb_json_bool(j, v);
}

void cb_json_put_time(struct cb_json_out *j, const char *key, int64_t unix_seconds)
{
    char text[CB_TIME_TEXT];
    cb_time_text(unix_seconds, text);
    cb_json_put_cstr(j, key, text);
}
