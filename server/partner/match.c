#include "partner/match.h"

enum { EXPLANATION_MAX = 200 }; /* what fits into an error detail */

static cb_status match_dn(struct cb_arena *a, const struct cb_client *client, const struct cb_cert *cert,
                          struct cb_err *err)
{
    const struct cb_name *registered = NULL;
    CB_ENSURE(cert->subject != NULL, CB_E_CERT_SUBJECT_MISMATCH, "the certificate's subject is empty");
    CB_TRY(cb_name_from_text(a, client->subject, &registered, err));
    if (cb_name_eq(registered, cert->subject)) {
        return CB_OK;
    }
    char memory[EXPLANATION_MAX];
    struct cb_buf text;
    cb_buf_over(&text, memory, sizeof memory);
    cb_name_explain(registered, cert->subject, &text);
    CB_ENSURE(!text.failed && text.n > 0, CB_E_CERT_SUBJECT_MISMATCH,
              "the subject differs from the registered one");
    CB_REFUSE(CB_E_CERT_SUBJECT_MISMATCH, CB_STR_FMT, CB_STR_ARG(cb_buf_str(&text)));
}

static cb_status match_san(enum cb_san_kind kind, const struct cb_client *client, const struct cb_cert *cert,
                           struct cb_err *err)
{
    CB_ENSURE(cb_cert_has_san(cert, kind, client->subject), CB_E_CERT_SUBJECT_MISMATCH,
              "registered %s %.80s is not among the certificate's %zu of that kind", cb_san_label(kind),
              client->subject.p, cert->sans[kind].count);
    return CB_OK;
}

static cb_status match_registered(const struct cb_client *client, const struct cb_cert *cert,
                                  struct cb_err *err)
{
    for (size_t i = 0; i < client->certificate_count; i++) {
        if (cb_x5t_eq(&client->certificates[i], &cert->x5t)) {
            return CB_OK;
        }
    }
    CB_REFUSE(CB_E_CERT_NOT_REGISTERED, "none of the client's %zu registered certificates was presented",
              client->certificate_count);
}

cb_status cb_client_match(struct cb_arena *a, const struct cb_client *client, const struct cb_cert *cert,
                          struct cb_err *err)
{
    if (client->method == CB_AUTH_SELF_SIGNED_TLS_CLIENT) {
        return match_registered(client, cert, err);
    }
    if (client->subject_kind == CB_SUBJECT_DN) {
        return match_dn(a, client, cert, err);
    }
    enum cb_san_kind kind = CB_SAN__MAX;
    CB_ENSURE(cb_subject_san(client->subject_kind, &kind), CB_E_CERT_SUBJECT_MISMATCH,
              "the client has no registered subject");
    return match_san(kind, client, cert, err);
}
