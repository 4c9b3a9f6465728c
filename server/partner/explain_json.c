#include "partner/explain.h"

static void put_optional(struct cb_json_out *j, const char *key, struct cb_str value)
{
    if (value.n > 0) {
        cb_json_put_str(j, key, value);
    }
}

/* {"tls_client_auth_subject_dn": ...}: what RFC 8705 section 2.1.2 calls it. */
static void put_subject(struct cb_json_out *j, const struct cb_subject *s)
{
    if (s->kind != CB_SUBJECT_NONE) {
        cb_json_key(j, "register");
        cb_json_open(j, '{');
        cb_json_put_str(j, cb_subject_kind_name(s->kind), s->value);
        cb_json_close(j, '}');
    }
}

static void put_roles(struct cb_json_out *j, unsigned roles)
{
    cb_json_key(j, "roles");
    cb_json_open(j, '[');
    for (enum cb_psp_role r = CB_PSP_ACCOUNT_SERVICING; r < CB_PSP__MAX; r++) {
        if ((roles & 1U << r) != 0) {
            cb_json_cstr(j, cb_psp_role_name(r));
        }
    }
    cb_json_close(j, ']');
}

static void put_qc(struct cb_json_out *j, const struct cb_cert_facts *f)
{
    char memory[128];
    struct cb_buf types;
    cb_buf_over(&types, memory, sizeof memory);
    if (!f->has_qc) {
        return;
    }
    cb_json_key(j, "qc_statements");
    cb_json_open(j, '{');
    cb_json_put_bool(j, "good", f->qc_why.code == CB_E_NONE);
    if (f->qc_why.code != CB_E_NONE) {
        cb_json_put_cstr(j, "reason", cb_code_reason(f->qc_why.code));
        cb_json_put_cstr(j, "detail", f->qc_why.detail);
    } else {
        cb_json_put_bool(j, "eu_qualified", f->qc.compliance);
        cb_qc_types_print(f->qc.types, &types);
        put_optional(j, "type", cb_buf_str(&types));
    }
    if (f->qc.has_psd2) {
        put_roles(j, f->qc.roles);
        cb_json_put_str(j, "authority_id", f->qc.authority_id);
        cb_json_put_str(j, "authority_name", f->qc.authority_name);
    }
    cb_json_close(j, '}');
}

static void put_facts(struct cb_json_out *j, const struct cb_cert_facts *f)
{
    cb_json_put_str(j, "subject", f->subject);
    cb_json_put_str(j, "issuer", f->issuer);
    cb_json_put_str(j, "sans", f->sans);
    put_optional(j, "organisation", f->organisation);
    cb_json_put_cstr(j, "not_before", f->not_before);
    cb_json_put_cstr(j, "not_after", f->not_after);
    cb_json_put_int(j, "days_left", f->days_left);
    cb_json_put_cstr(j, "x5t#S256", f->x5t);
    put_qc(j, f);
    put_subject(j, &f->subject_to_register);
}

static void put_verdict(struct cb_json_out *j, const char *key, const struct cb_verdict *v)
{
    cb_json_put_str(j, key, v->about);
    cb_json_put_bool(j, "good", v->good);
    if (!v->good) {
        cb_json_put_cstr(j, "reason", v->reason);
        cb_json_put_str(j, "detail", v->detail);
    }
}

static void put_group(struct cb_json_out *j, const struct cb_group_verdict *g)
{
    cb_json_open(j, '{');
    put_verdict(j, "name", &g->verdict);
    cb_json_put_cstr(j, "profile", g->profile);
    if (g->verdict.good) {
        cb_json_put_cstr(j, "form", cb_certificate_form_name(g->facts.form));
        put_optional(j, "organisation_id", g->facts.organisation_id);
        put_optional(j, "software_id", g->facts.software_id);
        put_optional(j, "issuer_key", g->issuer_key);
    }
    if (g->verdict.good && g->facts.limits_scopes) {
        put_roles(j, g->facts.roles);
        cb_json_put_str(j, "scope", g->scopes);
    }
    cb_json_close(j, '}');
}

static void put_near_misses(struct cb_json_out *j, const struct cb_explanation *e)
{
    cb_json_key(j, "near_misses");
    cb_json_open(j, '[');
    for (size_t i = 0; i < e->near_miss_count; i++) {
        cb_json_open(j, '{');
        cb_json_put_str(j, "client_id", e->near_misses[i].client_id);
        cb_json_put_str(j, "detail", e->near_misses[i].differs);
        put_subject(j, &e->near_misses[i].subject);
        cb_json_close(j, '}');
    }
    cb_json_close(j, ']');
}

void cb_explanation_json(const struct cb_explanation *e, struct cb_json_out *j)
{
    cb_json_open(j, '{');
    put_facts(j, &e->facts);
    if (e->world.config != NULL) {
        cb_json_put_bool(j, "revoked_here", e->world.revoked_here);
        cb_json_key(j, "trust_groups");
        cb_json_open(j, '[');
        for (size_t i = 0; i < e->group_count; i++) {
            put_group(j, &e->groups[i]);
        }
        cb_json_close(j, ']');
        cb_json_key(j, "clients");
        cb_json_open(j, '[');
        for (size_t i = 0; i < e->client_count; i++) {
            cb_json_open(j, '{');
            put_verdict(j, "client_id", &e->clients[i].verdict);
            put_subject(j, &e->clients[i].subject);
            cb_json_close(j, '}');
        }
        cb_json_close(j, ']');
        put_near_misses(j, e);
    }
    cb_json_close(j, '}');
}
