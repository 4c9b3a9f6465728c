#include "partner/match.h"

#include "base/limits.h"

enum {
    DETAIL_MAX = 200,    /* what fits into an error detail */
    EXPLAINED_MAX = 4096 /* what an operator is told */
};

/* --- does it match? --- */

static bool is_registered(const struct cb_client *client, const struct cb_cert *cert)
{
    for (size_t i = 0; i < client->certificate_count; i++) {
        if (cb_x5t_eq(&client->certificates[i], &cert->x5t)) {
            return true;
        }
    }
    return false;
}

static cb_status matches(struct cb_arena *a, const struct cb_client *client, const struct cb_cert *cert,
                         bool *out, struct cb_err *err)
{
    enum cb_san_kind kind = CB_SAN__MAX;
    const struct cb_name *name = NULL;
    if (client->method == CB_AUTH_SELF_SIGNED_TLS_CLIENT) {
        *out = is_registered(client, cert);
    } else if (cb_subject_san(client->subject_kind, &kind)) {
        *out = cb_cert_has_san(cert, kind, client->subject);
    } else if (client->subject_kind == CB_SUBJECT_DN && cert->subject != NULL) {
        CB_TRY(cb_name_from_text(a, client->subject, &name, err));
        *out = cb_name_eq(name, cert->subject);
    } else {
        *out = false;
    }
    return CB_OK;
}

/* --- what differs, when it does not --- */

static void explain_dn(struct cb_arena *a, const struct cb_client *client, const struct cb_cert *cert,
                       struct cb_buf *out)
{
    const struct cb_name *registered = NULL;
    if (cert->subject == NULL) {
        cb_buf_add_cstr(out, "the certificate's subject is empty");
    } else if (!CB_FAILED(cb_name_from_text(a, client->subject, &registered, NULL))) {
        cb_name_explain(registered, cert->subject, out);
    }
}

static void explain_san(enum cb_san_kind kind, const struct cb_client *client, const struct cb_cert *cert,
                        struct cb_buf *out)
{
    enum { REGISTERED_MAX = 80 };
    const char *label = cb_san_label(kind);
    const struct cb_san_list *list = &cert->sans[kind];
    cb_buf_add_fmt(out, "registered %s %.*s, the certificate has %s%s", label,
                   client->subject.n > REGISTERED_MAX ? REGISTERED_MAX : (int)client->subject.n,
                   client->subject.p, list->count == 0 ? "no " : "", label);
    for (size_t i = 0; i < list->count; i++) {
        char memory[CB_LIMIT_SAN + 2];
        struct cb_buf one;
        cb_buf_over(&one, memory, sizeof memory);
        cb_buf_add_cstr(&one, i == 0 ? " " : ", ");
        cb_san_print(kind, list->values[i], &one);
        if (one.failed || one.n > out->max - out->n) {
            return;
        }
        cb_buf_add_str(out, cb_buf_str(&one));
    }
}

static void explain(struct cb_arena *a, const struct cb_client *client, const struct cb_cert *cert,
                    struct cb_buf *out)
{
    enum cb_san_kind kind = CB_SAN__MAX;
    if (client->method == CB_AUTH_SELF_SIGNED_TLS_CLIENT) {
        cb_buf_add_fmt(out, "none of the client's %zu registered certificates was presented",
                       client->certificate_count);
    } else if (cb_subject_san(client->subject_kind, &kind)) {
        explain_san(kind, client, cert, out);
    } else {
        explain_dn(a, client, cert, out);
    }
}

cb_status cb_client_match(struct cb_arena *a, const struct cb_client *client, const struct cb_cert *cert,
                          struct cb_err *err)
{
    bool same = false;
    char memory[DETAIL_MAX];
    struct cb_buf differs;
    CB_TRY(matches(a, client, cert, &same, err));
    if (same) {
        return CB_OK;
    }
    cb_buf_over(&differs, memory, sizeof memory);
    explain(a, client, cert, &differs);
    CB_REFUSE(client->method == CB_AUTH_SELF_SIGNED_TLS_CLIENT ? CB_E_CERT_NOT_REGISTERED
                                                               : CB_E_CERT_SUBJECT_MISMATCH,
              CB_STR_FMT, CB_STR_ARG(cb_buf_str(&differs)));
}

cb_status cb_client_explain(struct cb_arena *a, const struct cb_client *client, const struct cb_cert *cert,
                            struct cb_str *out_differs, struct cb_err *err)
{
    bool same = false;
    CB_TRY(matches(a, client, cert, &same, err));
    char *memory = cb_arena_alloc(a, EXPLAINED_MAX);
    CB_ENSURE(memory != NULL, CB_E_MEMORY, "explanation");
    struct cb_buf differs;
    cb_buf_over(&differs, memory, EXPLAINED_MAX);
    if (!same) {
        explain(a, client, cert, &differs);
    }
    *out_differs = cb_buf_str(&differs);
    return CB_OK;
}

/* --- what to register --- */

static void print_subject(const struct cb_cert *cert, enum cb_subject_kind kind, struct cb_buf *out)
{
    enum cb_san_kind san = CB_SAN__MAX;
    if (kind == CB_SUBJECT_DN && cert->subject != NULL) {
        cb_name_print(cert->subject, out);
    } else if (cb_subject_san(kind, &san) && cert->sans[san].count > 0) {
        cb_san_print(san, cert->sans[san].values[0], out);
    }
}

cb_status cb_subject_of_cert(struct cb_arena *a, const struct cb_cert *cert, enum cb_subject_kind preferred,
                             struct cb_subject *out, struct cb_err *err)
{
    char *memory = cb_arena_alloc(a, CB_LIMIT_DN);
    CB_ENSURE(memory != NULL, CB_E_MEMORY, "subject");
    *out = (struct cb_subject){ .kind = CB_SUBJECT_NONE };
    for (unsigned i = CB_SUBJECT_NONE; i < CB_SUBJECT__MAX && out->kind == CB_SUBJECT_NONE; i++) {
        const enum cb_subject_kind kind = i == CB_SUBJECT_NONE ? preferred : (enum cb_subject_kind)i;
        struct cb_buf text;
        cb_buf_over(&text, memory, CB_LIMIT_DN);
        print_subject(cert, kind, &text);
        if (!text.failed && text.n > 0) {
            *out = (struct cb_subject){ kind, cb_buf_str(&text) };
        }
    }
    return CB_OK;
}

void cb_subject_print_option(const struct cb_subject *s, struct cb_buf *out)
{
    if (s->kind == CB_SUBJECT_NONE) {
        return;
    }
    cb_buf_add_cstr(out, "--");
    for (const char *c = cb_subject_kind_name(s->kind); *c != '\0'; c++) {
        cb_buf_add_char(out, (char)(*c == '_' ? '-' : *c));
    }
    cb_buf_add_cstr(out, " '");
    for (size_t i = 0; i < s->value.n; i++) {
        if (s->value.p[i] == '\'') {
            cb_buf_add_cstr(out, "'\\'"); /* ends the quotes, a quote, and they begin again */
        }
        cb_buf_add_char(out, s->value.p[i]);
    }
    cb_buf_add_char(out, '\'');
}

cb_status cb_client_match_issuer(const struct cb_client *client, const struct cb_trust_path *path,
                                 struct cb_err *err)
{
    const struct cb_key_hash *issuer = &path->links[0].issuer->key;
    if (client->has_issuer_key && !cb_key_hash_eq(&client->issuer_key, issuer)) {
        char registered[CB_KEY_HASH_TEXT], presented[CB_KEY_HASH_TEXT];
        cb_key_hash_text(&client->issuer_key, registered);
        cb_key_hash_text(issuer, presented);
        CB_REFUSE(CB_E_CERT_ISSUER_NOT_PINNED, "issuer key: registered %s, certificate's %s", registered,
                  presented);
    }
    return CB_OK;
}
