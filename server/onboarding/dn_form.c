#include "onboarding/dn_form.h"

/* RFC 4514 section 3 */
static bool is_short_name(struct cb_str type)
{
    static const char *const names[] = { "CN", "L", "ST", "O", "OU", "C", "STREET", "DC", "UID" };
    for (size_t i = 0; i < CB_COUNT(names); i++) {
        if (cb_str_is(type, names[i])) {
            return true;
        }
    }
    return false;
}

static bool is_dotted(struct cb_str type)
{
    bool digit = false;
    size_t dots = 0;
    for (size_t i = 0; i < type.n; i++) {
        const char c = type.p[i];
        if (c == '.' && digit) {
            digit = false;
            dots++;
        } else if (c >= '0' && c <= '9') {
            digit = true;
        } else {
            return false;
        }
    }
    return digit && dots > 0;
}

/* #hexpair ... */
static bool is_hex(struct cb_str value)
{
    for (size_t i = 1; i < value.n; i++) {
        const unsigned char c = cb_ascii_lower((unsigned char)value.p[i]);
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return value.n >= 3 && value.n % 2 == 1 && value.p[0] == '#';
}

/* Takes one `type=value` off the front; the value ends at a comma or plus that is not escaped. */
static bool next_pair(struct cb_str *rest, struct cb_str *out_type, struct cb_str *out_value)
{
    const char *equals = rest->n == 0 ? NULL : memchr(rest->p, '=', rest->n);
    if (equals == NULL) {
        return false;
    }
    *out_type = (struct cb_str){ rest->p, (size_t)(equals - rest->p) };
    const struct cb_str tail = { equals + 1, rest->n - out_type->n - 1 };
    size_t end = 0;
    while (end < tail.n && tail.p[end] != ',' && tail.p[end] != '+') {
        end += tail.p[end] == '\\' && end + 1 < tail.n ? 2 : 1;
    }
    *out_value = (struct cb_str){ tail.p, end };
    *rest = (struct cb_str){ end < tail.n ? tail.p + end + 1 : NULL, end < tail.n ? tail.n - end - 1 : 0 };
    return true;
}

bool cb_dn_form_is_brazilian(struct cb_str dn)
{
    struct cb_str rest = dn, type, value;
    while (rest.p != NULL) {
        if (!next_pair(&rest, &type, &value)) {
            return false;
        }
        const bool quoted = value.n > 0 && value.p[0] == '"';
        if (!(is_short_name(type) && value.n > 0 && !quoted) && !(is_dotted(type) && is_hex(value))) {
            return false;
        }
    }
    return dn.n > 0;
}
