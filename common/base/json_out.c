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

static void escaped(struct cb_buf *b, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    if (c == '"' || c == '\\') {
        const char two[] = { '\\', (char)c };
        cb_buf_add(b, two, sizeof two);
    } else {
        const char six[] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
        cb_buf_add(b, six, sizeof six);
    }
}

static void quoted(struct cb_buf *b, struct cb_str s)
{
    cb_buf_add_char(b, '"');
    size_t plain = 0; /* start of what can be copied as it is */
    size_t i = 0;
    while (i < s.n) {
        const unsigned char c = (unsigned char)s.p[i];
        const size_t len = c < 0x80 ? 1 : cb_utf8_sequence((struct cb_str){ s.p + i, s.n - i });
        if (len > 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
            i += len;
            continue;
        }
        cb_buf_add(b, s.p + plain, i - plain);
        if (len == 0) {
            cb_buf_add_cstr(b, "\xef\xbf\xbd");
        } else {
            escaped(b, c);
        }
        plain = ++i;
    }
    cb_buf_add(b, s.p + plain, i - plain);
    cb_buf_add_char(b, '"');
}

void cb_json_key(struct cb_json_out *j, const char *key)
{
    separate(j);
    quoted(j->b, cb_str_of(key));
    cb_buf_add_char(j->b, ':');
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
