#include "verifier/claims.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/ct.h"

struct certbound_claims {
    atomic_uint refs;
    size_t bytes;
    struct cb_dates dates;
    uint8_t x5t[CB_SHA256_BYTES];
    const char *subject, *client_id, *scope, *jwt_id, *json; /* in text */
    char text[];
};

static const char *put(char **at, struct cb_str s)
{
    char *const start = *at;
    if (s.n > 0) {
        memcpy(start, s.p, s.n);
    }
    start[s.n] = '\0';
    *at += s.n + 1;
    return start;
}

certbound_claims *cb_claims_new(const struct cb_claims_of *of)
{
    enum { STRINGS = 5 };
    const size_t text = of->subject.n + of->client_id.n + of->scope.n + of->jwt_id.n + of->json.n + STRINGS;
    certbound_claims *c = malloc(sizeof *c + text);
    if (c == NULL) {
        return NULL;
    }
    char *at = c->text;
    atomic_init(&c->refs, 1);
    c->bytes = sizeof *c + text;
    c->dates = of->dates;
    memcpy(c->x5t, of->x5t, sizeof c->x5t);
    c->subject = put(&at, of->subject);
    c->client_id = put(&at, of->client_id);
    c->scope = put(&at, of->scope);
    c->jwt_id = put(&at, of->jwt_id);
    c->json = put(&at, of->json);
    return c;
}

certbound_claims *cb_claims_ref(certbound_claims *c)
{
    atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void certbound_claims_free(certbound_claims *c)
{
    if (c != NULL && atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) == 1) {
        free(c);
    }
}

const struct cb_dates *cb_claims_dates(const certbound_claims *c)
{
    return &c->dates;
}

size_t cb_claims_bytes(const certbound_claims *c)
{
    return c->bytes;
}

certbound_code cb_dates_check(const struct cb_dates *d, int64_t now, int64_t skew)
{
    if (now >= d->expires) {
        return CERTBOUND_E_EXPIRED;
    }
    if (d->issued_at > now + skew) {
        return CERTBOUND_E_ISSUED_IN_FUTURE;
    }
    return d->not_before > now + skew ? CERTBOUND_E_NOT_YET_VALID : CERTBOUND_OK;
}

bool cb_claims_bound_to(const certbound_claims *c, const uint8_t x5t[CB_SHA256_BYTES])
{
    return cb_ct_eq(c->x5t, sizeof c->x5t, x5t, CB_SHA256_BYTES);
}

const char *certbound_claims_subject(const certbound_claims *c)
{
    return c == NULL ? NULL : c->subject;
}

const char *certbound_claims_client_id(const certbound_claims *c)
{
    return c == NULL ? NULL : c->client_id;
}

const char *certbound_claims_scope(const certbound_claims *c)
{
    return c == NULL ? NULL : c->scope;
}

const char *certbound_claims_jwt_id(const certbound_claims *c)
{
    return c == NULL ? NULL : c->jwt_id;
}

const char *certbound_claims_json(const certbound_claims *c)
{
    return c == NULL ? NULL : c->json;
}

int64_t certbound_claims_expires(const certbound_claims *c)
{
    return c == NULL ? 0 : c->dates.expires;
}

int64_t certbound_claims_issued_at(const certbound_claims *c)
{
    return c == NULL ? 0 : c->dates.issued_at;
}

/* RFC 6749 section 3.3: words separated by single spaces, case-sensitive. */
int certbound_claims_has_scope(const certbound_claims *c, const char *scope)
{
    if (c == NULL || scope == NULL || *scope == '\0') {
        return 0;
    }
    struct cb_str rest = cb_str_of(c->scope);
    struct cb_str word;
    while (cb_str_next(&rest, ' ', &word)) {
        if (cb_str_is(word, scope)) {
            return 1;
        }
    }
    return 0;
}
