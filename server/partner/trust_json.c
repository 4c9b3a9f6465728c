#include "partner/trust_json.h"

#include "base/limits.h"
#include "cert/name.h"

static void put_words(struct cb_json_out *j, const char *key, const char *const *words, size_t count)
{
    cb_json_key(j, key);
    cb_json_open(j, '[');
    for (size_t i = 0; i < count; i++) {
        cb_json_cstr(j, words[i]);
    }
    cb_json_close(j, ']');
}

void cb_authority_print(const struct cb_authority *a, struct cb_buf *out)
{
    CB_AUTO(cb_arena_done) struct cb_arena scratch = { .max = CB_MIB };
    const struct cb_name *name = NULL;
    if (!CB_FAILED(cb_name_from_der(&scratch, a->subject, &name, NULL))) {
        cb_name_print(name, out);
    }
}

static void put_authority(struct cb_json_out *j, const struct cb_authority *a)
{
    char x5t[CB_X5T_TEXT], key[CB_KEY_HASH_TEXT];
    struct cb_buf subject CB_AUTO(cb_buf_done);
    cb_buf_init(&subject, CB_LIMIT_SUBJECT);
    cb_authority_print(a, &subject);
    cb_x5t_text(&a->x5t, x5t);
    cb_key_hash_text(&a->key, key);
    cb_json_open(j, '{');
    cb_json_put_str(j, "subject", cb_buf_str(&subject));
    cb_json_put_cstr(j, "x5t#S256", x5t);
    cb_json_put_cstr(j, "issuer_key", key);
    cb_json_put_time(j, "not_before", a->not_before);
    cb_json_put_time(j, "not_after", a->not_after);
    cb_json_close(j, '}');
}

static void put_authorities(struct cb_json_out *j, const char *name, const struct cb_trust *t, size_t count,
                            const struct cb_authority *(*at)(const struct cb_trust *, size_t))
{
    cb_json_key(j, name);
    cb_json_open(j, '[');
    for (size_t i = 0; i < count; i++) {
        put_authority(j, at(t, i));
    }
    cb_json_close(j, ']');
}

void cb_trust_group_json(const struct cb_config_trust_group *g, const struct cb_trust *t,
                         struct cb_json_out *j)
{
    cb_json_put_cstr(j, "name", g->name);
    cb_json_put_cstr(j, "profile", g->profile);
    cb_json_put_int(j, "depth", g->depth);
    cb_json_put_int(j, "min_rsa_bits", g->min_rsa_bits);
    cb_json_put_int(j, "min_ec_bits", g->min_ec_bits);
    if (g->extended_key_usage_count > 0) {
        put_words(j, "extended_key_usage", g->extended_key_usage, g->extended_key_usage_count);
    }
    if (g->signature_algorithm_count > 0) {
        put_words(j, "signature_algorithms", g->signature_algorithms, g->signature_algorithm_count);
    }
    if (g->max_validity_s != 0) {
        cb_json_put_int(j, "max_validity_seconds", g->max_validity_s);
    }
    put_authorities(j, "anchors", t, cb_trust_anchor_count(t), cb_trust_anchor_at);
    put_authorities(j, "intermediates", t, cb_trust_intermediate_count(t), cb_trust_intermediate_at);
}

void cb_revocation_policy_json(const struct cb_config_revocation *r, struct cb_json_out *j)
{
    cb_json_put_cstr(j, "check", r->check);
    cb_json_put_int(j, "grace_seconds", r->grace_s);
    cb_json_put_bool(j, "distribution_points", r->distribution_points);
    put_words(j, "crls", r->crls, r->crl_count);
    if (r->ocsp_responder != NULL) {
        cb_json_put_cstr(j, "ocsp_responder", r->ocsp_responder);
    }
}
