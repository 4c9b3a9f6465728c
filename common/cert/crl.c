#include "cert/crl.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "cert/cert.h"
#include "cert/crl_scope.h"
#include "cert/crl_table.h"
#include "cert/der.h"
#include "cert/der_time.h"
#include "cert/signature.h"
#include "cert/usage.h"

enum { SCOPE_MAX = 32 * 1024 };

struct cb_crl {
    struct cb_crl_facts facts;
    struct cb_crl_scope scope;
    struct cb_crl_table table;
    struct cb_arena arena; /* of the scope */
    atomic_size_t references;
};

struct cb_crl *cb_crl_ref(struct cb_crl *c)
{
    atomic_fetch_add_explicit(&c->references, 1, memory_order_relaxed);
    return c;
}

void cb_crl_unref(struct cb_crl *c)
{
    if (c != NULL && atomic_fetch_sub_explicit(&c->references, 1, memory_order_acq_rel) == 1) {
        cb_crl_table_done(&c->table);
        cb_arena_done(&c->arena);
        free(c);
    }
}

static void auto_crl(struct cb_crl **c)
{
    cb_crl_unref(*c);
}

/* --- the outline: RFC 5280 section 5.1 --- */

struct outline {
    struct cb_str signed_part; /* TBSCertList, the whole of it */
    struct cb_str algorithm;   /* AlgorithmIdentifier, the whole of it */
    struct cb_str signature;
    bool is_v2;
    struct cb_str inner_algorithm;
    struct cb_str issuer; /* Name, the whole of it */
    int64_t this_update, next_update;
    bool has_next_update;
    struct cb_str revoked, extensions;
};

/* The element with its identifier and length. */
static bool take_whole(struct cb_str *rest, struct cb_str *out)
{
    const char *from = rest->p;
    struct cb_str content = { 0 };
    const bool taken = cb_der_take(rest, CB_DER_SEQUENCE, &content);
    *out = (struct cb_str){ from, (size_t)(rest->p - from) };
    return taken;
}

static bool read_signed_part(struct cb_str part, struct outline *o)
{
    enum { EXTENSIONS = 0xa0 };
    struct cb_str rest = { 0 }, version = { 0 }, extensions = { 0 };
    if (!cb_der_take(&part, CB_DER_SEQUENCE, &rest)) {
        return false;
    }
    o->is_v2 = cb_der_take(&rest, CB_DER_INTEGER, &version);
    if (o->is_v2 && !cb_str_eq(version, CB_STR("\x01"))) {
        return false;
    }
    if (!take_whole(&rest, &o->inner_algorithm) || !take_whole(&rest, &o->issuer) ||
        !cb_der_take_time(&rest, &o->this_update)) {
        return false;
    }
    o->has_next_update = cb_der_take_time(&rest, &o->next_update);
    (void)cb_der_take(&rest, CB_DER_SEQUENCE, &o->revoked);
    if (cb_der_take(&rest, EXTENSIONS, &extensions) &&
        (!cb_der_take(&extensions, CB_DER_SEQUENCE, &o->extensions) || extensions.n > 0 ||
         o->extensions.n == 0)) {
        return false;
    }
    return rest.n == 0;
}

static cb_status read_outline(struct cb_str der, struct outline *o, struct cb_err *err)
{
    struct cb_str list = { 0 };
    CB_ENSURE(cb_der_take(&der, CB_DER_SEQUENCE, &list), CB_E_CRL_MALFORMED, "the list does not decode");
    CB_ENSURE(der.n == 0, CB_E_CRL_MALFORMED, "%zu bytes stand behind the list", der.n);
    CB_ENSURE(take_whole(&list, &o->signed_part) && take_whole(&list, &o->algorithm) &&
                  cb_der_take(&list, CB_DER_BIT_STRING, &o->signature) && list.n == 0 &&
                  read_signed_part(o->signed_part, o),
              CB_E_CRL_MALFORMED, "the list does not decode");
    CB_ENSURE(cb_str_eq(o->algorithm, o->inner_algorithm), CB_E_CRL_MALFORMED,
              "the list names two algorithms of its signature");
    CB_ENSURE(o->is_v2 || o->extensions.p == NULL, CB_E_CRL_MALFORMED,
              "the list has extensions, but is no version 2");
    CB_ENSURE(o->has_next_update, CB_E_CRL_MALFORMED, "the list has no nextUpdate");
    CB_ENSURE(o->next_update > o->this_update, CB_E_CRL_MALFORMED,
              "nextUpdate of the list is not after its thisUpdate");
    return CB_OK;
}

/* --- who signed it --- */

static bool may_sign_lists(const struct cb_cert *ca)
{
    struct cb_usage usage = { .stated = false };
    return !CB_FAILED(cb_cert_key_usage(ca, &usage, NULL)) &&
           (!usage.stated || (usage.bits & CB_USAGE_CRL_SIGN) != 0);
}

/* Is this CA the issuer by its name; and if so, is the signature its key's? */
static bool is_named(struct cb_arena *a, const struct cb_name *issuer, struct cb_str der, struct cb_cert *out)
{
    return !CB_FAILED(cb_cert_parse(a, der, out, NULL)) && out->subject != NULL &&
           cb_name_eq(issuer, out->subject) && may_sign_lists(out);
}

static cb_status find_signer(const struct outline *o, const struct cb_str *cas, size_t count,
                             struct cb_key_hash *out_key, struct cb_err *err)
{
    struct cb_arena a CB_AUTO(cb_arena_done), one CB_AUTO(cb_arena_done);
    struct cb_signature_algorithm algorithm = { .key = NULL };
    const struct cb_name *issuer = NULL;
    bool named = false;
    cb_arena_init(&a, 4 * CB_LIMIT_CERTIFICATE);
    cb_arena_init(&one, 8 * CB_LIMIT_CERTIFICATE);
    CB_ENSURE(o->issuer.n <= CB_LIMIT_CERTIFICATE &&
                  !CB_FAILED(cb_name_from_der(&a, o->issuer, &issuer, NULL)),
              CB_E_CRL_MALFORMED, "the issuer of the list does not decode");
    CB_ENSURE(cb_signature_algorithm_of(o->algorithm, &algorithm), CB_E_CRL_ALGORITHM,
              "the signature of the list is neither RSA, ECDSA nor EdDSA with SHA-256 or better");
    for (size_t i = 0; i < count; i++) {
        struct cb_cert ca = { .der = { 0 } };
        cb_arena_reset(&one);
        if (!is_named(&one, issuer, cas[i], &ca)) {
            continue;
        }
        named = true;
        if (cb_signature_verifies(&algorithm, ca.public_key, o->signed_part, o->signature)) {
            return cb_key_hash_of(ca.public_key, out_key, err);
        }
    }
    CB_ENSURE(named, CB_E_CRL_ISSUER_UNKNOWN, "the issuer of the list is no CA here that may sign lists");
    CB_REFUSE(CB_E_CRL_SIGNATURE, "the list is not signed by the key of its issuer");
}

/* --- reading --- */

static void free_bio(BIO **b)
{
    BIO_free(*b);
}

struct decoded {
    unsigned char *p;
    long n;
};

static void decoded_done(struct decoded *d)
{
    OPENSSL_free(d->p);
    *d = (struct decoded){ 0 };
}

/* The one block of a PEM file. */
static cb_status decode_pem(struct cb_str pem, struct decoded *out, struct cb_err *err)
{
    struct decoded second CB_AUTO(decoded_done) = { 0 };
    CB_AUTO(free_bio) BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    CB_ENSURE(bio != NULL, CB_E_MEMORY, "revocation list");
    const bool found = PEM_bytes_read_bio(&out->p, &out->n, NULL, PEM_STRING_X509_CRL, bio, NULL, NULL) == 1;
    const bool more =
        found && PEM_bytes_read_bio(&second.p, &second.n, NULL, PEM_STRING_X509_CRL, bio, NULL, NULL) == 1;
    ERR_clear_error();
    CB_ENSURE(found, CB_E_CRL_MALFORMED, "neither DER nor a PEM block of type X509 CRL");
    CB_ENSURE(!more, CB_E_CRL_MALFORMED, "the PEM file holds several lists: one a file");
    return CB_OK;
}

static cb_status read_der(struct cb_str der, const struct cb_str *cas, size_t ca_count, int64_t now,
                          struct cb_crl *c, struct cb_err *err)
{
    struct outline o = { .is_v2 = false };
    char when[CB_TIME_TEXT];
    CB_ENSURE(der.n <= CB_LIMIT_CRL, CB_E_CRL_TOO_LARGE, "a list of %zu bytes, at most %zu", der.n,
              CB_LIMIT_CRL);
    CB_TRY(read_outline(der, &o, err));
    cb_time_text(o.this_update, when);
    CB_ENSURE(o.this_update <= now + CB_CLOCK_SKEW_S, CB_E_CRL_NOT_YET_VALID, "the list is of %s", when);
    CB_TRY(cb_crl_scope_read(&c->arena, o.extensions, &c->scope, c->facts.number, err));
    CB_TRY(find_signer(&o, cas, ca_count, &c->facts.issuer_key, err));
    CB_TRY(cb_crl_table_read(o.revoked, o.is_v2, &c->table, err));
    c->facts.this_update = o.this_update;
    c->facts.next_update = o.next_update;
    c->facts.entries = c->table.count;
    c->facts.memory = sizeof *c + c->table.memory;
    return CB_OK;
}

cb_status cb_crl_read(struct cb_str bytes, const struct cb_str *cas, size_t ca_count, int64_t now,
                      struct cb_crl **out, struct cb_err *err)
{
    struct decoded pem CB_AUTO(decoded_done) = { 0 };
    CB_ENSURE(bytes.n <= CB_LIMIT_CRL_FILE, CB_E_CRL_TOO_LARGE, "a list of %zu bytes, at most %zu", bytes.n,
              CB_LIMIT_CRL);
    if (bytes.n == 0 || bytes.p[0] != CB_DER_SEQUENCE) {
        CB_TRY(decode_pem(bytes, &pem, err));
        bytes = (struct cb_str){ (const char *)pem.p, (size_t)pem.n };
    }
    CB_AUTO(auto_crl) struct cb_crl *c = calloc(1, sizeof *c);
    CB_ENSURE(c != NULL, CB_E_MEMORY, "revocation list");
    atomic_init(&c->references, 1);
    cb_arena_init(&c->arena, SCOPE_MAX);
    CB_TRY(read_der(bytes, cas, ca_count, now, c, err));
    *out = CB_TAKE(c);
    return CB_OK;
}

/* --- asking --- */

const struct cb_crl_facts *cb_crl_facts(const struct cb_crl *c)
{
    return &c->facts;
}

cb_status cb_crl_check_fresh(const struct cb_crl *c, int64_t now, struct cb_err *err)
{
    char when[CB_TIME_TEXT];
    cb_time_text(c->facts.next_update, when);
    CB_ENSURE(now < c->facts.next_update, CB_E_CRL_EXPIRED, "the list ended at %s", when);
    return CB_OK;
}

static bool has_same_points(const struct cb_crl_scope *a, const struct cb_crl_scope *b)
{
    bool same = a->one_point == b->one_point && a->point_count == b->point_count;
    for (size_t i = 0; same && i < a->point_count; i++) {
        same = cb_str_eq(a->points[i], b->points[i]);
    }
    return same;
}

bool cb_crl_is_same_kind(const struct cb_crl *a, const struct cb_crl *b)
{
    const struct cb_crl_scope *x = &a->scope, *y = &b->scope;
    return cb_key_hash_eq(&a->facts.issuer_key, &b->facts.issuer_key) && x->only_users == y->only_users &&
           x->only_cas == y->only_cas && x->reasons == y->reasons && has_same_points(x, y);
}

/* Numbers only grow (RFC 5280 section 5.2.3): hex of whole octets, so the longer is the larger. */
static bool is_lower(const char *a, const char *b)
{
    const struct cb_str x = cb_str_of(a), y = cb_str_of(b);
    return x.n > 0 && y.n > 0 && (x.n != y.n ? x.n < y.n : cb_str_order(x, y) < 0);
}

cb_status cb_crl_check_newer(const struct cb_crl *c, const struct cb_crl *held, struct cb_err *err)
{
    const struct cb_crl_facts *x = &c->facts, *y = &held->facts;
    char when[CB_TIME_TEXT];
    if (!cb_crl_is_same_kind(c, held) || x->this_update > y->this_update) {
        return CB_OK;
    }
    cb_time_text(y->this_update, when);
    CB_ENSURE(x->this_update == y->this_update && !is_lower(x->number, y->number), CB_E_CRL_OLDER,
              "the list is older than the one that is held, of %s", when);
    return CB_OK;
}

bool cb_crl_is_same(const struct cb_crl *a, const struct cb_crl *b)
{
    const struct cb_crl_facts *x = &a->facts, *y = &b->facts;
    return x->this_update == y->this_update && x->next_update == y->next_update && x->entries == y->entries &&
           cb_str_is(cb_str_of(x->number), y->number) && cb_crl_is_same_kind(a, b);
}

bool cb_crl_has(const struct cb_crl *c, struct cb_str serial, struct cb_crl_entry *out)
{
    return cb_crl_table_find(&c->table, serial, out);
}

static bool names_one_of(const struct cb_crl_scope *s, const struct cb_str *points, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < s->point_count; k++) {
            if (cb_str_eq(points[i], s->points[k])) {
                return true;
            }
        }
    }
    return false;
}

unsigned cb_crl_covers(const struct cb_crl *c, bool is_ca, const struct cb_str *points, size_t point_count)
{
    const struct cb_crl_scope *s = &c->scope;
    const bool other_kind = is_ca ? s->only_users : s->only_cas;
    if (other_kind || (s->one_point && !names_one_of(s, points, point_count))) {
        return 0;
    }
    return s->reasons;
}
