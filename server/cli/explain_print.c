#include "base/json_out.h"
#include "base/limits.h"
#include "cli/explain.h"

/* --- text --- */

static void add_row(struct cb_table *t, const char *what, const struct cb_buf *text)
{
    if (text->n > 0) {
        cb_table_add(t, (const struct cb_str[]){ cb_str_of(what), cb_buf_str(text) });
    }
}

static void add_part(struct cb_buf *b, const char *label, struct cb_str value)
{
    if (value.n > 0) {
        cb_buf_add_cstr(b, ", ");
        cb_buf_add_cstr(b, label);
        cb_buf_add_char(b, ' ');
        cb_buf_add_str(b, value);
    }
}

static void print_verdict(const struct cb_verdict *v, struct cb_buf *b)
{
    cb_buf_add_str(b, v->about);
    cb_buf_add_cstr(b, v->good ? ": yes" : ": no, ");
    cb_buf_add_cstr(b, v->good ? "" : v->reason);
    cb_buf_add_cstr(b, v->detail.n == 0 ? "" : ": ");
    cb_buf_add_str(b, v->detail);
}

static void print_group(const struct cb_group_verdict *g, struct cb_buf *b)
{
    char memory[CB_ROLES_TEXT];
    struct cb_buf roles;
    cb_buf_over(&roles, memory, sizeof memory);
    print_verdict(&g->verdict, b);
    if (!g->verdict.good) {
        return;
    }
    add_part(b, "profile", cb_str_of(g->profile));
    add_part(b, "form", cb_str_of(cb_certificate_form_name(g->facts.form)));
    add_part(b, "organisation", g->facts.organisation_id);
    add_part(b, "software", g->facts.software_id);
    if (g->facts.limits_scopes) {
        cb_roles_print(g->facts.roles, &roles);
        add_part(b, "roles", cb_buf_str(&roles));
        add_part(b, "scopes", g->scopes.n > 0 ? g->scopes : CB_STR("none"));
    }
    add_part(b, "issuer key", g->issuer_key);
}

static void print_client(const struct cb_client_verdict *c, struct cb_buf *b)
{
    print_verdict(&c->verdict, b);
    if (c->subject.kind != CB_SUBJECT_NONE) {
        cb_buf_add_cstr(b, "; to register it: certbound client update ");
        cb_buf_add_str(b, c->verdict.about);
        cb_buf_add_char(b, ' ');
        cb_subject_print_option(&c->subject, b);
    }
}

static void print_qc(const struct cb_cert_facts *f, struct cb_buf *b)
{
    if (f->has_qc && f->qc_why.code != CB_E_NONE) {
        cb_buf_add_fmt(b, "no, %s: %s", cb_code_reason(f->qc_why.code), f->qc_why.detail);
    } else if (f->has_qc) {
        cb_buf_add_cstr(b, f->qc.compliance ? "EU qualified, for " : "for ");
        cb_qc_types_print(f->qc.has_types ? f->qc.types : CB_QC_TYPE_SIGNATURE, b);
    }
    if (f->qc.has_psd2) {
        cb_buf_add_cstr(b, ", PSD2 roles ");
        cb_roles_print(f->qc.roles, b);
        add_part(b, "authority", f->qc.authority_id);
        cb_buf_add_cstr(b, " (");
        cb_buf_add_str(b, f->qc.authority_name);
        cb_buf_add_char(b, ')');
    }
}

static void print_end(const struct cb_cert_facts *f, struct cb_buf *b)
{
    cb_buf_add_fmt(b, "%s, ", f->not_after);
    if (f->days_left >= 0) {
        cb_buf_add_fmt(b, "%lld days left", (long long)f->days_left);
    } else {
        cb_buf_add_fmt(b, "expired %lld days ago", (long long)-f->days_left);
    }
}

static void add_facts(struct cb_table *t, const struct cb_cert_facts *f)
{
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, 256 * CB_KIB);
    const struct cb_str rows[][2] = {
        { CB_STR("subject"), f->subject },
        { CB_STR("issuer"), f->issuer },
        { CB_STR("sans"), f->sans },
        { CB_STR("organisation"), f->organisation },
        { CB_STR("x5t#S256"), cb_str_of(f->x5t) },
        { CB_STR("not_before"), cb_str_of(f->not_before) },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        if (rows[i][1].n > 0) {
            cb_table_add(t, rows[i]);
        }
    }
    print_end(f, &b);
    add_row(t, "not_after", &b);
    cb_buf_reset(&b);
    print_qc(f, &b);
    add_row(t, "qualified", &b);
    cb_buf_reset(&b);
    cb_subject_print_option(&f->subject_to_register, &b);
    add_row(t, "register", &b);
}

int cb_explanation_print(struct cb_cli *cli, const struct cb_explanation *e)
{
    struct cb_cert_facts f = { .days_left = 0 };
    struct cb_err err = { 0 };
    struct cb_table t;
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, 256 * CB_KIB);
    if (CB_FAILED(cb_cert_facts_collect(e->arena, &e->cert, e->now, &f, &err))) {
        return cb_cli_fail(cli, &err);
    }
    cb_table_init(&t, e->arena, 2);
    add_facts(&t, &f);
    for (size_t i = 0; i < e->group_count; i++) {
        print_group(&e->groups[i], &b);
        add_row(&t, "trusted by", &b);
        cb_buf_reset(&b);
    }
    for (size_t i = 0; i < e->client_count; i++) {
        print_client(&e->clients[i], &b);
        add_row(&t, "authenticates", &b);
        cb_buf_reset(&b);
    }
    if (e->config != NULL && e->client_count == 0) {
        cb_table_add(&t, (const struct cb_str[]){ CB_STR("authenticates"), CB_STR("no registered client") });
    }
    return CB_FAILED(cb_table_print(&t, cli->out, &err)) ? cb_cli_fail(cli, &err) : CB_EXIT_OK;
}

/* --- JSON --- */

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

int cb_explanation_print_json(struct cb_cli *cli, const struct cb_explanation *e)
{
    struct cb_cert_facts f = { .days_left = 0 };
    struct cb_err err = { 0 };
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_MIB);
    if (CB_FAILED(cb_cert_facts_collect(e->arena, &e->cert, e->now, &f, &err))) {
        return cb_cli_fail(cli, &err);
    }
    struct cb_json_out j = cb_json_out(&text);
    cb_json_open(&j, '{');
    put_facts(&j, &f);
    if (e->config != NULL) {
        cb_json_key(&j, "trust_groups");
        cb_json_open(&j, '[');
        for (size_t i = 0; i < e->group_count; i++) {
            put_group(&j, &e->groups[i]);
        }
        cb_json_close(&j, ']');
        cb_json_key(&j, "clients");
        cb_json_open(&j, '[');
        for (size_t i = 0; i < e->client_count; i++) {
            cb_json_open(&j, '{');
            put_verdict(&j, "client_id", &e->clients[i].verdict);
            put_subject(&j, &e->clients[i].subject);
            cb_json_close(&j, '}');
        }
        cb_json_close(&j, ']');
    }
    cb_json_close(&j, '}');
    cb_buf_add_char(&text, '\n');
    return cb_cli_print(cli, &text);
}
