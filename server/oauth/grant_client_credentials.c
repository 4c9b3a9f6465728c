#include "oauth/access_token.h"
#include "oauth/scope.h"
#include "oauth/snapshot.h"
#include "oauth/token.h"

/* RFC 6749 section 4.4; the token is bound to the certificate of this connection, RFC 8705 section 3. There
 * is no resource owner, so the client is the subject (RFC 9068 section 2.2). */
cb_status cb_grant_client_credentials(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                      struct cb_err *err)
{
    (void)app;
    const struct cb_token_form *f = rq->form;
    const struct cb_snapshot *s = rq->snapshot;
    const struct cb_signer *signer = cb_ring_signer(s->ring, rq->now);
    struct cb_entitlement granted = { 0 };
    struct cb_str token = { 0 };

    CB_TRY(cb_entitle(rq->arena, s->config, rq->client, rq->facts, f->scope, &f->resources, &granted, err));
    CB_ENSURE(signer != NULL, CB_E_HTTP_NOT_READY, "there is no signing key");
    const struct cb_access_token claims = {
        .issuer = cb_str_of(s->config->issuer),
        .subject = rq->client->id,
        .client_id = rq->client->id,
        .audience = cb_str_of(granted.resource),
        .scope = granted.scope,
        .issued_at = rq->now,
        .expires_at = rq->now + s->config->token_lifetime_s,
        .x5t = rq->audit.x5t,
    };
    CB_TRY(cb_access_token_write(rq->arena, signer, &claims, &token, &rq->audit.jti, err));
    rq->audit.scope = granted.scope;
    rq->audit.resource = claims.audience;
    *out = (struct cb_reply){
        .kind = CB_REPLY_TOKEN,
        .status = 200,
        .token = { .access_token = token, .expires_in = s->config->token_lifetime_s, .scope = granted.scope },
    };
    return CB_OK;
}
