#include "partner/explain.h"

#include "base/limits.h"

enum { CLIENTS_MAX = 64 }; /* that one certificate is reported to authenticate */

cb_status cb_explain_certificate(struct cb_arena *a, struct cb_str pem, int64_t now,
                                 struct cb_explanation *out, struct cb_err *err)
{
    struct cb_explanation e = { .arena = a, .now = now };
    CB_TRY(cb_cert_pem_bundle(a, pem, &e.ders, &e.der_count, err));
    CB_ENSURE(e.der_count > 0, CB_E_CERT_MALFORMED, "there is no certificate in PEM in it");
    CB_ENSURE(e.der_count <= CB_LIMIT_CHAIN, CB_E_CERT_CHAIN, "there are more than %d certificates in it",
              CB_LIMIT_CHAIN);
    CB_TRY(cb_cert_parse(a, e.ders[0], &e.cert, err));
    CB_TRY(cb_cert_facts_collect(a, &e.cert, now, &e.facts, err));
    *out = e;
    return CB_OK;
}

static cb_status set_verdict(struct cb_arena *a, struct cb_str about, const struct cb_err *why,
                             struct cb_verdict *out, struct cb_err *err)
{
    *out = (struct cb_verdict){ .about = cb_arena_str(a, about),
                                .good = why->code == CB_E_NONE,
                                .reason = cb_code_reason(why->code),
                                .detail = cb_arena_str(a, cb_str_of(why->detail)) };
    CB_ENSURE(out->about.p != NULL && out->detail.p != NULL, CB_E_MEMORY, "explanation");
    return CB_OK;
}

/* --- trust groups --- */

static void auto_path(struct cb_trust_path **p)
{
    cb_trust_path_unref(*p);
}

static const struct cb_config_trust_group *configured(const struct cb_config *config, struct cb_str name)
{
    for (size_t i = 0; i < config->trust_group_count; i++) {
        if (cb_str_is(name, config->trust_groups[i].name)) {
            return &config->trust_groups[i];
        }
    }
    return NULL;
}

/* The chain, its revocation, the profile. *out is set with the first of them. */
static cb_status check_group(const struct cb_explanation *e, struct cb_str name,
                             struct cb_profile_facts *facts, struct cb_trust_path **out, struct cb_err *err)
{
    const struct cb_explain_world *w = &e->world;
    const struct cb_trust *trust = cb_trust_groups_find(w->trust, name);
    const struct cb_config_trust_group *group = configured(w->config, name);
    CB_ENSURE(trust != NULL && group != NULL, CB_E_TRUST_GROUP_UNKNOWN,
              "the configuration has no trust group " CB_STR_FMT, CB_STR_ARG(name));
    CB_TRY(cb_trust_check(trust, &e->cert, e->ders + 1, e->der_count - 1, e->now, out, err));
    if (w->check_revoked != NULL) {
        CB_TRY(w->check_revoked(w->ctx, group, *out, &e->cert, e->now, err));
    }
    CB_ENSURE(!w->revoked_here, CB_E_CERT_REVOKED, "the certificate was revoked here, by the operator");
    return cb_profile_read(cb_profile_of_group(w->config, name), &e->cert, facts, err);
}

static cb_status issuer_key_of(const struct cb_explanation *e, const struct cb_trust_path *path,
                               struct cb_str *out, struct cb_err *err)
{
    char text[CB_KEY_HASH_TEXT];
    cb_key_hash_text(&path->links[0].issuer->key, text);
    *out = cb_arena_str(e->arena, cb_str_of(text));
    CB_ENSURE(out->p != NULL, CB_E_MEMORY, "explanation");
    return CB_OK;
}

static cb_status scopes_of(const struct cb_explanation *e, const struct cb_profile_facts *facts,
                           struct cb_str *out, struct cb_err *err)
{
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, CB_MIB);
    cb_roles_print_scopes(e->world.config, facts, &b);
    CB_TRY(cb_buf_check(&b, err));
    *out = cb_arena_str(e->arena, cb_buf_str(&b));
    CB_ENSURE(out->p != NULL, CB_E_MEMORY, "explanation");
    return CB_OK;
}

static cb_status judge_group(struct cb_explanation *e, const struct cb_config_trust_group *group,
                             struct cb_err *err)
{
    const struct cb_str name = cb_str_of(group->name);
    struct cb_group_verdict *out = &e->groups[e->group_count++];
    struct cb_err why = { 0 };
    CB_AUTO(auto_path) struct cb_trust_path *path = NULL;
    out->profile = group->profile;
    if (!CB_FAILED(check_group(e, name, &out->facts, &path, &why))) {
        CB_TRY(scopes_of(e, &out->facts, &out->scopes, err));
        CB_TRY(issuer_key_of(e, path, &out->issuer_key, err));
    }
    return set_verdict(e->arena, name, &why, &out->verdict, err);
}

cb_status cb_explain_groups(struct cb_explanation *e, const struct cb_explain_world *world,
                            struct cb_str only_group, struct cb_err *err)
{
    const struct cb_config *config = world->config;
    CB_ENSURE(only_group.n == 0 || configured(config, only_group) != NULL, CB_E_TRUST_GROUP_UNKNOWN,
              "there is no trust group %.*s", only_group.n > 64 ? 64 : (int)only_group.n, only_group.p);
    e->world = *world;
    e->groups = cb_arena_array(e->arena, config->trust_group_count, sizeof *e->groups);
    e->clients = cb_arena_array(e->arena, CLIENTS_MAX, sizeof *e->clients);
    CB_ENSURE(e->groups != NULL && e->clients != NULL, CB_E_MEMORY, "explanation");
    for (size_t i = 0; i < config->trust_group_count; i++) {
        if (only_group.n == 0 || cb_str_is(only_group, config->trust_groups[i].name)) {
            CB_TRY(judge_group(e, &config->trust_groups[i], err));
        }
    }
    return CB_OK;
}

/* --- clients --- */

static cb_status check_client_group(const struct cb_explanation *e, const struct cb_client *client,
                                    struct cb_err *err)
{
    struct cb_profile_facts facts = { .form = CB_FORM_NONE };
    CB_AUTO(auto_path) struct cb_trust_path *path = NULL;
    CB_TRY(cb_client_check_group(client, e->world.config, err));
    CB_TRY(check_group(e, client->trust_group, &facts, &path, err));
    return cb_client_match_issuer(client, path, err);
}

/* The checks of client authentication; whose certificate it is stands first, so that others' clients drop
 * out. */
static cb_status authenticate(const struct cb_explanation *e, const struct cb_client *client,
                              struct cb_err *err)
{
    CB_AUTO(cb_arena_done) struct cb_arena scratch = { .max = CB_MIB };
    CB_TRY(cb_client_match(&scratch, client, &e->cert, err));
    CB_TRY(cb_client_check_standing(client, e->world.config, e->now, err));
    CB_TRY(cb_cert_check_time(&e->cert, e->now, err));
    CB_ENSURE(!e->world.revoked_here, CB_E_CERT_REVOKED, "the certificate was revoked here, by the operator");
    return client->method == CB_AUTH_TLS_CLIENT ? check_client_group(e, client, err) : CB_OK;
}

static bool is_somebody_else(const struct cb_err *why)
{
    return why->code == CB_E_CERT_SUBJECT_MISMATCH || why->code == CB_E_CERT_NOT_REGISTERED;
}

static bool is_wanted(const struct cb_explanation *e, struct cb_str client_id)
{
    return (e->only_client.n == 0 || cb_str_eq(client_id, e->only_client)) && e->client_count < CLIENTS_MAX;
}

/* All that differs, where a refusal's line has room for the first, and what would match. */
static cb_status explain_mismatch(const struct cb_explanation *e, const struct cb_client *client,
                                  struct cb_client_verdict *out, struct cb_err *err)
{
    CB_TRY(cb_client_explain(e->arena, client, &e->cert, &out->verdict.detail, err));
    return client->method == CB_AUTH_TLS_CLIENT
               ? cb_subject_of_cert(e->arena, &e->cert, client->subject_kind, &out->subject, err)
               : CB_OK;
}

cb_status cb_explain_client(struct cb_explanation *e, const struct cb_client *client, struct cb_err *err)
{
    struct cb_err why = { 0 };
    if (!is_wanted(e, client->id)) {
        return CB_OK;
    }
    if (!CB_FAILED(authenticate(e, client, &why))) {
        cb_err_clear(&why);
    }
    if (e->only_client.n == 0 && is_somebody_else(&why)) {
        return cb_near_consider(e, client, err);
    }
    e->is_somebodys = true;
    struct cb_client_verdict *out = &e->clients[e->client_count++];
    CB_TRY(set_verdict(e->arena, client->id, &why, &out->verdict, err));
    return is_somebody_else(&why) ? explain_mismatch(e, client, out, err) : CB_OK;
}

cb_status cb_explain_unreadable(struct cb_explanation *e, struct cb_str client_id, const struct cb_err *why,
                                struct cb_err *err)
{
    if (!is_wanted(e, client_id)) {
        return CB_OK;
    }
    struct cb_client_verdict *out = &e->clients[e->client_count++];
    return set_verdict(e->arena, client_id, why, &out->verdict, err);
}

bool cb_explanation_is_good(const struct cb_explanation *e)
{
    for (size_t i = 0; i < e->client_count; i++) {
        if (e->clients[i].verdict.good) {
            return true;
        }
    }
    return false;
}
