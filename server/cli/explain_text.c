#include "cli/explain_text.h"
#include "base/limits.h"

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

static void print_update(const char *when, struct cb_str client_id, const struct cb_subject *s,
                         struct cb_buf *b)
{
    if (s->kind != CB_SUBJECT_NONE) {
        cb_buf_add_fmt(b, "; %s: certbound client update ", when);
        cb_buf_add_str(b, client_id);
        cb_buf_add_char(b, ' ');
        cb_subject_print_option(s, b);
    }
}

static void print_client(const struct cb_client_verdict *c, struct cb_buf *b)
{
    print_verdict(&c->verdict, b);
    print_update("to register it", c->verdict.about, &c->subject, b);
}

static void print_near_miss(const struct cb_near_miss *m, struct cb_buf *b)
{
    cb_buf_add_str(b, m->client_id);
    cb_buf_add_cstr(b, ": ");
    cb_buf_add_str(b, m->differs);
    print_update("if it is theirs", m->client_id, &m->subject, b);
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
    struct cb_err err = { 0 };
    struct cb_table t;
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, 256 * CB_KIB);
    cb_table_init(&t, e->arena, 2);
    add_facts(&t, &e->facts);
    if (e->world.revoked_here) {
        cb_table_add(&t, (const struct cb_str[]){ CB_STR("revoked"), CB_STR("here, by the operator") });
    }
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
    if (e->world.config != NULL && e->client_count == 0) {
        cb_table_add(&t, (const struct cb_str[]){ CB_STR("authenticates"), CB_STR("no registered client") });
    }
    for (size_t i = 0; i < e->near_miss_count; i++) {
        print_near_miss(&e->near_misses[i], &b);
        add_row(&t, "near miss", &b);
        cb_buf_reset(&b);
    }
    return CB_FAILED(cb_table_print(&t, cli->out, &err)) ? cb_cli_fail(cli, &err) : CB_EXIT_OK;
}
