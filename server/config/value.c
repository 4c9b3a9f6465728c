/* Scalars: text to a value of its type, and back. */
#include <inttypes.h>

#include "base/limits.h"
#include "config/load.h"

static const struct {
    char letter;
    int64_t seconds;
} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 } };

/* Decimal digits of a number up to 2^53; more are no number that a key here takes. */
static bool read_digits(struct cb_str s, int64_t *out)
{
    int64_t v = 0;
    if (s.n == 0 || s.n > 15) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
        v = v * 10 + (s.p[i] - '0');
    }
    *out = v;
    return true;
}

static bool read_duration(struct cb_str s, int64_t *out)
{
    for (size_t i = 0; s.n > 0 && i < CB_COUNT(units); i++) {
        if (s.p[s.n - 1] == units[i].letter && read_digits((struct cb_str){ s.p, s.n - 1 }, out)) {
            *out *= units[i].seconds;
            return true;
        }
    }
    return false;
}

static void print_number(const struct cb_key *key, int64_t v, struct cb_buf *out)
{
    if (key->type == CB_KEY_INT) {
        cb_buf_add_fmt(out, "%" PRId64, v);
        return;
    }
    size_t unit = CB_COUNT(units) - 1;
    while (v == 0 ? unit > 0 : v % units[unit].seconds != 0) {
        unit--;
    }
    cb_buf_add_fmt(out, "%" PRId64 "%c", v / units[unit].seconds, units[unit].letter);
}

static void value_number(struct cb_load *l, const struct cb_key *key, struct cb_str text, int line,
                         int64_t *slot)
{
    int64_t v = 0;
    const bool plain = read_digits(text, &v);
    if (key->type == CB_KEY_INT && !plain) {
        cb_load_problem(l, line, "`%s` must be a whole number", key->path);
        return;
    }
    if (key->type == CB_KEY_DURATION && plain) {
        cb_load_problem(l, line, "`%s` needs a unit: write %" PRId64 "s", key->path, v);
        return;
    }
    if (key->type == CB_KEY_DURATION && !read_duration(text, &v)) {
        cb_load_problem(l, line, "`%s` must be a duration, such as 300s, 5m or 24h", key->path);
        return;
    }
    if (v < key->min || v > key->max) {
        char memory[64];
        struct cb_buf range;
        cb_buf_over(&range, memory, sizeof memory);
        print_number(key, key->min, &range);
        cb_buf_add_cstr(&range, " and ");
        print_number(key, key->max, &range);
        cb_load_problem(l, line, "`%s` must be between " CB_STR_FMT, key->path,
                        CB_STR_ARG(cb_buf_str(&range)));
        return;
    }
    *slot = v;
}

static bool is_choice(const char *choices, struct cb_str text)
{
    struct cb_str rest = cb_str_of(choices), one;
    while (cb_str_next(&rest, '|', &one)) {
        if (cb_str_eq(one, text)) {
            return true;
        }
    }
    return false;
}

/* PREFIX + the file's folder, for a relative path, + path. */
static char *resolved(struct cb_load *l, struct cb_str prefix, struct cb_str path)
{
    const char *slash = strrchr(l->path, '/');
    const bool absolute = path.n > 0 && path.p[0] == '/';
    struct cb_buf b;
    cb_buf_init(&b, CB_LIMIT_CONFIG_FILE + 8192);
    cb_buf_add_str(&b, prefix);
    if (!absolute && slash != NULL) {
        cb_buf_add(&b, l->path, (size_t)(slash - l->path) + 1);
    }
    cb_buf_add_str(&b, path);
    char *out = b.failed ? NULL : cb_load_text(l, cb_buf_str(&b));
    l->no_memory |= out == NULL;
    cb_buf_done(&b);
    return out;
}

static char *value_store(struct cb_load *l, struct cb_str text)
{
    const struct cb_str sqlite = CB_STR("sqlite:");
    return cb_str_starts(text, sqlite)
               ? resolved(l, sqlite, (struct cb_str){ text.p + sqlite.n, text.n - sqlite.n })
               : cb_load_text(l, text);
}

static bool has_control(struct cb_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

static const char *text_problem(const struct cb_key *key, struct cb_str text)
{
    if (text.n == 0) {
        return "must not be empty";
    }
    if (has_control(text)) {
        return "must not hold control characters or line breaks";
    }
    return key->wrong == NULL ? NULL : key->wrong(text);
}

static void value_bool(struct cb_load *l, const struct cb_key *key, struct cb_str text, int line, bool *slot)
{
    if (!is_choice("true|false", text)) {
        cb_load_problem(l, line, "`%s` must be true or false", key->path);
        return;
    }
    *slot = cb_str_is(text, "true");
}

static bool is_path(const struct cb_key *key, struct cb_str text)
{
    return key->type == CB_KEY_PATH || (key->url_or_path && memmem(text.p, text.n, "://", 3) == NULL);
}

void cb_value_read(struct cb_load *l, const struct cb_key *key, struct cb_str text, int line, void *slot)
{
    cb_load_note_line(l, slot, line);
    if (key->type == CB_KEY_INT || key->type == CB_KEY_DURATION) {
        value_number(l, key, text, line, slot);
        return;
    }
    if (key->type == CB_KEY_BOOL) {
        value_bool(l, key, text, line, slot);
        return;
    }
    if (key->type == CB_KEY_CHOICE && !is_choice(key->choices, text)) {
        cb_load_problem(l, line, "`%s` must be one of %s", key->path, key->choices);
        return;
    }
    const char *wrong = text_problem(key, text);
    if (wrong != NULL) {
        cb_load_problem(l, line, "`%s` %s", key->path, wrong);
        return;
    }
    const char **out = slot;
    if (is_path(key, text)) {
        *out = resolved(l, (struct cb_str){ 0 }, text);
    } else {
        *out = key->type == CB_KEY_STORE ? value_store(l, text) : cb_load_text(l, text);
    }
}

/* Parameters of a connection URI that are no secret; any other one might be spelt %-encoded. */
static bool public_parameter(struct cb_str name)
{
    return is_choice(
        "host|hostaddr|port|dbname|user|sslmode|sslrootcert|connect_timeout|target_session_attrs|"
        "application_name|load_balance_hosts|keepalives|options",
        name);
}

/* postgresql://user:password@host/db?password=...: the rest of it tells where the database is. */
static struct cb_str print_user(struct cb_str rest, struct cb_buf *out)
{
    const char *at = memrchr(rest.p, '@', rest.n);
    if (at == NULL) {
        return rest;
    }
    const struct cb_str user = { rest.p, (size_t)(at - rest.p) };
    const char *colon = memchr(user.p, ':', user.n);
    cb_buf_add(out, user.p, colon == NULL ? user.n : (size_t)(colon - user.p));
    cb_buf_add_cstr(out, colon == NULL ? "@" : ":***@");
    return (struct cb_str){ at + 1, rest.n - user.n - 1 };
}

static void print_store(struct cb_str store, struct cb_buf *out)
{
    const char *slashes = memmem(store.p, store.n, "://", 3);
    if (cb_str_starts(store, CB_STR("sqlite:")) || slashes == NULL) {
        cb_buf_add_str(out, store);
        return;
    }
    const size_t scheme = (size_t)(slashes - store.p) + 3;
    cb_buf_add(out, store.p, scheme);
    struct cb_str rest = print_user((struct cb_str){ store.p + scheme, store.n - scheme }, out);
    struct cb_str place = rest, parameter;
    (void)cb_str_next(&rest, '?', &place);
    cb_buf_add_str(out, place);
    for (char before = '?'; cb_str_next(&rest, '&', &parameter); before = '&') {
        struct cb_str value = parameter, name = parameter;
        (void)cb_str_next(&value, '=', &name);
        cb_buf_add_char(out, before);
        cb_buf_add_str(out, name);
        cb_buf_add_char(out, '=');
        cb_buf_add_str(out, public_parameter(name) && value.p != NULL ? value : CB_STR("***"));
    }
}

bool cb_value_is_set(const struct cb_key *key, const void *slot)
{
    const char *const *text = slot;
    return key->type == CB_KEY_INT || key->type == CB_KEY_DURATION || key->type == CB_KEY_BOOL ||
           *text != NULL;
}

void cb_value_print(const struct cb_key *key, const void *slot, struct cb_buf *out)
{
    if (key->type == CB_KEY_INT || key->type == CB_KEY_DURATION) {
        const int64_t *v = slot;
        print_number(key, *v, out);
        return;
    }
    if (key->type == CB_KEY_BOOL) {
        cb_buf_add_cstr(out, *(const bool *)slot ? "true" : "false");
        return;
    }
    const char *const *text = slot;
    if (key->type == CB_KEY_STORE) {
        print_store(cb_str_of(*text), out);
    } else {
        cb_buf_add_cstr(out, *text);
    }
}
