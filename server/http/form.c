#include "http/form.h"

#include "base/limits.h"
#include "base/utf8.h"

struct pair {
    struct cb_str name;
    struct cb_str value;
};

struct pairs {
    struct pair items[CB_LIMIT_FORM_PARAMETERS];
    size_t count;
};

/* A name in an error detail: cut, since it is a stranger's. */
#define NAME_ARG(s) ((int)((s).n < 64 ? (s).n : 64)), (s).p

static bool has_control(struct cb_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c == 0x7f) {
            return true;
        }
    }
    return false;
}

/* In place: the decoded text is never longer. */
bool cb_percent_decode(char *p, size_t n, bool plus_is_space, struct cb_str *out)
{
    size_t to = 0;
    for (size_t from = 0; from < n; from++) {
        char c = p[from];
        if (c == '+' && plus_is_space) {
            c = ' ';
        } else if (c == '%') {
            const int high = n - from > 2 ? cb_hex_digit(p[from + 1]) : -1;
            const int low = n - from > 2 ? cb_hex_digit(p[from + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            from += 2;
        }
        p[to++] = c;
    }
    *out = (struct cb_str){ p, to };
    return !has_control(*out) && cb_utf8_valid(*out);
}

static cb_status decode(char *p, size_t n, struct cb_str *out, struct cb_err *err)
{
    CB_ENSURE(cb_percent_decode(p, n, true, out), CB_E_FORM_MALFORMED,
              "a broken percent escape, a control character, or not UTF-8");
    return CB_OK;
}

static cb_status decode_pair(char *p, size_t n, struct pair *out, struct cb_err *err)
{
    const char *equals = memchr(p, '=', n);
    const size_t name_n = equals == NULL ? n : (size_t)(equals - p);
    CB_TRY(decode(p, name_n, &out->name, err));
    if (equals == NULL) {
        out->value = (struct cb_str){ p + n, 0 };
        return CB_OK;
    }
    return decode(p + name_n + 1, n - name_n - 1, &out->value, err);
}

static cb_status split(char *body, size_t n, struct pairs *out, struct cb_err *err)
{
    size_t start = 0;
    while (start < n) {
        const char *ampersand = memchr(body + start, '&', n - start);
        const size_t end = ampersand == NULL ? n : (size_t)(ampersand - body);
        if (end > start) {
            CB_ENSURE(out->count < CB_LIMIT_FORM_PARAMETERS, CB_E_FORM_MALFORMED, "more than %d parameters",
                      CB_LIMIT_FORM_PARAMETERS);
            CB_TRY(decode_pair(body + start, end - start, &out->items[out->count], err));
            out->count++;
        }
        start = end + 1;
    }
    return CB_OK;
}

static const struct cb_param *find(const struct cb_param_table *t, struct cb_str name)
{
    for (size_t i = 0; i < t->count; i++) {
        if (cb_str_is(name, t->params[i].name)) {
            return &t->params[i];
        }
    }
    return NULL;
}

/* RFC 6749 section 3.2: also the unknown ones must not come twice. */
static cb_status refuse_repeated(const struct pairs *all, size_t at, struct cb_err *err)
{
    for (size_t i = 0; i < at; i++) {
        CB_ENSURE(!cb_str_eq(all->items[i].name, all->items[at].name), CB_E_PARAMETER_REPEATED, "%.*s",
                  NAME_ARG(all->items[at].name));
    }
    return CB_OK;
}

static cb_status check_value(const struct cb_param *p, struct cb_str value, struct cb_err *err)
{
    CB_ENSURE(value.n <= p->max, CB_E_PARAMETER_TOO_LONG, "%s: %zu bytes, at most %zu", p->name, value.n,
              p->max);
    CB_ENSURE(p->valid == NULL || p->valid(value), CB_E_PARAMETER_MALFORMED, "%s", p->name);
    return CB_OK;
}

static cb_status bind_one(void *form, const struct cb_param *p, struct cb_str value, struct cb_err *err)
{
    if (value.n == 0) {
        return CB_OK;
    }
    CB_TRY(check_value(p, value, err));
    unsigned char *field = (unsigned char *)form + p->offset;
    if (!p->repeatable) {
        memcpy(field, &value, sizeof value);
        return CB_OK;
    }
    struct cb_param_list list;
    memcpy(&list, field, sizeof list);
    CB_ENSURE(list.count < CB_COUNT(list.values), CB_E_PARAMETER_REPEATED, "%s: more than %zu times", p->name,
              CB_COUNT(list.values));
    list.values[list.count++] = value;
    memcpy(field, &list, sizeof list);
    return CB_OK;
}

static cb_status check_required(const void *form, const struct cb_param_table *t, struct cb_err *err)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct cb_param *p = &t->params[i];
        struct cb_str value; /* or the first of a list, which stands at its start */
        memcpy(&value, (const unsigned char *)form + p->offset, sizeof value);
        CB_ENSURE(!p->required || value.n > 0, CB_E_PARAMETER_MISSING, "%s", p->name);
    }
    return CB_OK;
}

cb_status cb_form_bind(struct cb_arena *a, const struct cb_param_table *table, char *body, size_t n,
                       const void **out_form, struct cb_str *out_client_id, struct cb_err *err)
{
    static const struct cb_param client_id = { .name = "client_id", .max = CB_LIMIT_CLIENT_ID };
    struct pairs all = { 0 };
    CB_TRY(split(body, n, &all, err));

    void *form = cb_arena_alloc(a, table->form_size);
    CB_ENSURE(form != NULL, CB_E_MEMORY, "form of %zu bytes", table->form_size);
    struct cb_str id = { 0 };
    for (size_t i = 0; i < all.count; i++) {
        const struct pair *pair = &all.items[i];
        const struct cb_param *p = find(table, pair->name);
        CB_ENSURE(p != NULL || !table->closed, CB_E_PARAMETER_UNKNOWN, "%.*s", NAME_ARG(pair->name));
        if (p == NULL || !p->repeatable) {
            CB_TRY(refuse_repeated(&all, i, err));
        }
        if (cb_str_is(pair->name, client_id.name)) {
            CB_TRY(check_value(p == NULL ? &client_id : p, pair->value, err));
            id = pair->value;
        }
        if (p != NULL) {
            CB_TRY(bind_one(form, p, pair->value, err));
        }
    }
    CB_TRY(check_required(form, table, err));
    *out_form = form;
    *out_client_id = id;
    return CB_OK;
}
