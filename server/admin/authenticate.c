#include "admin/admin.h"
#include "cert/name.h"
#include "oauth/client_auth.h"
#include "oauth/snapshot.h"
#include "partner/peer.h"

/* Subjects are compared as decoded RDNs; an entry that is no name was refused when the configuration was
 * loaded, and here is nobody's. */
static const struct cb_config_administrator *find(struct cb_arena *a, const struct cb_config *config,
                                                  const struct cb_name *subject)
{
    for (size_t i = 0; subject != NULL && i < config->administrator_count; i++) {
        const struct cb_name *listed = NULL;
        if (!CB_FAILED(cb_name_from_text(a, cb_str_of(config->administrators[i].subject), &listed, NULL)) &&
            cb_name_eq(listed, subject)) {
            return &config->administrators[i];
        }
    }
    return NULL;
}

static cb_status check_certificate(struct cb_request *rq, const struct cb_cert **out, struct cb_err *err)
{
    const struct cb_snapshot *s = rq->snapshot;
    const struct cb_str group = cb_str_of(s->config->listeners[CB_LISTENER_ADMIN].trust_group);
    struct cb_profile_facts facts = { .form = CB_FORM_NONE };
    struct cb_err why = { 0 };
    CB_ENSURE(rq->peer != NULL, CB_E_ADMIN_CERTIFICATE, "no client certificate on this connection");
    CB_ENSURE(!CB_FAILED(cb_peer_cert(rq->peer, out, &why)), CB_E_ADMIN_CERTIFICATE, "%.200s", why.detail);
    rq->audit.x5t = (*out)->x5t;
    rq->audit.has_x5t = true;
    CB_ENSURE(s->registry != NULL, CB_E_HTTP_NOT_READY, "the store has not been read yet");
    if (CB_FAILED(cb_certificate_judge(rq, group, CB_PROFILE_PLAIN, &facts, &why))) {
        CB_ENSURE(cb_error_is_peers(why.code), why.code, "%.200s", why.detail);
        CB_REFUSE(CB_E_ADMIN_CERTIFICATE, "%s: %.180s", cb_code_reason(why.code), why.detail);
    }
    return CB_OK;
}

cb_status cb_admin_authenticate(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                struct cb_err *err)
{
    (void)out;
    const struct cb_cert *cert = NULL;
    CB_TRY(cb_app_snapshot(app, rq, err));
    CB_TRY(check_certificate(rq, &cert, err));
    const struct cb_config_administrator *who = find(rq->arena, rq->snapshot->config, cert->subject);
    CB_ENSURE(who != NULL, CB_E_ADMIN_UNKNOWN, "the certificate's subject is none of `administrators`");
    rq->audit.administrator = cb_str_of(who->subject);
    CB_ENSURE(!rq->changes || cb_str_is(cb_str_of(who->role), "write"), CB_E_ADMIN_READ_ONLY,
              "the administrator's role is read");
    return CB_OK;
}
