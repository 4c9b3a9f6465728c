#include "oauth/client_auth.h"

#include "base/limits.h"
#include "oauth/group_peer.h"
#include "oauth/snapshot.h"
#include "partner/match.h"

static cb_status check_client_chain(const struct cb_snapshot *s, struct cb_request *rq,
                                    const struct cb_client *client, struct cb_err *err)
{
    if (client->method == CB_AUTH_SELF_SIGNED_TLS_CLIENT) {
        return CB_OK; /* RFC 8705 section 2.2: the registered certificate is the trust */
    }
    const struct cb_trust_path *path = NULL;
    CB_TRY(cb_client_check_group(client, s->config, err));
    CB_TRY(cb_peer_check_group(s, rq->peer, client->trust_group, rq->now, &path, err));
    return cb_client_match_issuer(client, path, err);
}

static cb_status check_shape(const struct cb_request *rq, struct cb_err *err)
{
    const struct cb_client_auth_form *f = rq->form;
    CB_ENSURE(rq->authorization.p == NULL, CB_E_CLIENT_AUTH_HEADER, "an Authorization header was sent");
    CB_ENSURE(f->client_secret.n == 0 && f->client_assertion.n == 0, CB_E_CLIENT_AUTH_METHOD,
              "client_secret or client_assertion was sent");
    CB_ENSURE(rq->peer != NULL, CB_E_CERT_MISSING, "no client certificate on this connection");
    CB_ENSURE(rq->client_id.n > 0, CB_E_CLIENT_ID_MISSING, "the form has no client_id");
    return CB_OK;
}

/* Whoever reads of the refusal may be the one who registered the wrong name, and wants the right one to copy.
 * Its own failure is none of the request's. */
static void tell_what_to_register(struct cb_request *rq, const struct cb_client *client,
                                  const struct cb_cert *cert)
{
    struct cb_subject subject = { .kind = CB_SUBJECT_NONE };
    char *memory = cb_arena_alloc(rq->arena, CB_LIMIT_SUBJECT);
    if (memory == NULL || client->method != CB_AUTH_TLS_CLIENT ||
        CB_FAILED(cb_subject_of_cert(rq->arena, cert, client->subject_kind, &subject, NULL))) {
        return;
    }
    struct cb_buf option;
    cb_buf_over(&option, memory, CB_LIMIT_SUBJECT);
    cb_subject_print_option(&subject, &option);
    rq->audit.register_as = option.failed ? (struct cb_str){ 0 } : cb_buf_str(&option);
}

/* A certificate that nobody registered may be one that the client has published since. */
static bool may_be_published(const struct cb_services *services, const struct cb_client *client, int64_t now)
{
    return client->jwks_uri.n > 0 && services->wishes != NULL &&
           cb_key_wish(services->wishes, client->id, now);
}

static cb_status match(const struct cb_services *services, struct cb_request *rq,
                       const struct cb_client *client, const struct cb_cert *cert, struct cb_err *err)
{
    struct cb_err why = { 0 };
    if (!CB_FAILED(cb_client_match(rq->arena, client, cert, &why))) {
        return CB_OK;
    }
    CB_ENSURE(!may_be_published(services, client, rq->now), CB_E_CERT_KEYS_PENDING,
              "the client's jwks_uri is being read");
    tell_what_to_register(rq, client, cert);
    *err = why;
    return CB_FAIL;
}

void cb_certificate_note_use(const struct cb_app *app, struct cb_request *rq, struct cb_str client_id)
{
    const struct cb_services *services = cb_app_services(app);
    const struct cb_cert *cert = NULL;
    if (services->seen != NULL && !CB_FAILED(cb_peer_cert(rq->peer, &cert, NULL)) &&
        cb_peer_is_to_be_noted(rq->peer, rq->now)) {
        cb_seen_note(services->seen, client_id, cert, cb_peer_issuer_key(rq->peer), rq->now);
    }
}

static cb_status check_revoked_here(const struct cb_snapshot *s, const struct cb_cert *cert,
                                    struct cb_err *err)
{
    CB_ENSURE(s->registry != NULL, CB_E_HTTP_NOT_READY, "the store has not been read yet");
    CB_ENSURE(!cb_registry_is_revoked(s->registry, &cert->x5t), CB_E_CERT_REVOKED,
              "the certificate was revoked here, by the operator");
    return CB_OK;
}

/* Does it fit the profile of the client's trust group, and is it this client's? */
static cb_status check_holder(const struct cb_app *app, struct cb_request *rq, const struct cb_client *client,
                              const struct cb_cert *cert, struct cb_profile_facts *out, struct cb_err *err)
{
    const struct cb_snapshot *s = rq->snapshot;
    const enum cb_profile profile = client->method == CB_AUTH_SELF_SIGNED_TLS_CLIENT
                                        ? CB_PROFILE_PLAIN
                                        : cb_profile_of_group(s->config, client->trust_group);
    CB_TRY(check_revoked_here(s, cert, err));
    CB_TRY(cb_profile_read(profile, cert, out, err));
    return match(cb_app_services(app), rq, client, cert, err);
}

cb_status cb_certificate_judge(struct cb_request *rq, struct cb_str trust_group, enum cb_profile profile,
                               struct cb_profile_facts *out, struct cb_err *err)
{
    const struct cb_cert *cert = NULL;
    CB_TRY(cb_peer_cert(rq->peer, &cert, err));
    CB_TRY(cb_cert_check_time(cert, rq->now, err));
    CB_TRY(check_revoked_here(rq->snapshot, cert, err));
    CB_TRY(cb_peer_check_group(rq->snapshot, rq->peer, trust_group, rq->now, NULL, err));
    return cb_profile_read(profile, cert, out, err);
}

cb_status cb_client_check_certificate(const struct cb_app *app, struct cb_request *rq,
                                      const struct cb_client *client, struct cb_err *err)
{
    const struct cb_cert *cert = NULL;
    struct cb_profile_facts facts = { .form = CB_FORM_NONE };
    CB_TRY(cb_peer_cert(rq->peer, &cert, err));
    CB_TRY(cb_cert_check_time(cert, rq->now, err));
    CB_TRY(check_client_chain(rq->snapshot, rq, client, err));
    CB_TRY(check_holder(app, rq, client, cert, &facts, err));
    cb_certificate_note_use(app, rq, client->id);
    return CB_OK;
}

cb_status cb_client_authenticate(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                 struct cb_err *err)
{
    (void)out;
    const struct cb_cert *cert = NULL;
    rq->audit.client_id = rq->client_id;
    CB_TRY(cb_app_snapshot(app, rq, err));
    const struct cb_snapshot *s = rq->snapshot;
    CB_TRY(check_shape(rq, err));
    CB_TRY(cb_peer_cert(rq->peer, &cert, err));
    rq->audit.x5t = cert->x5t;
    rq->audit.has_x5t = true;
    CB_ENSURE(s->registry != NULL, CB_E_HTTP_NOT_READY, "the clients have not been read from the store yet");

    const struct cb_client *client = cb_registry_find(s->registry, rq->client_id);
    CB_ENSURE(client != NULL, CB_E_CLIENT_UNKNOWN, "no client has this client_id");
    CB_TRY(cb_client_check_standing(client, s->config, rq->now, err));
    CB_TRY(cb_cert_check_time(cert, rq->now, err));
    CB_TRY(check_client_chain(s, rq, client, err));
    if (cb_peer_known_as(rq->peer, client, s->generation) == NULL) {
        struct cb_profile_facts facts = { .form = CB_FORM_NONE };
        CB_TRY(check_holder(app, rq, client, cert, &facts, err));
        cb_peer_remember(rq->peer, client, &facts, s->generation);
    }
    rq->client = client;
    rq->facts = cb_peer_known_as(rq->peer, client, s->generation);
    cb_certificate_note_use(app, rq, client->id);
    return CB_OK;
}

cb_status cb_proxy_authenticate(const struct cb_app *app, struct cb_request *rq, struct cb_peer *own,
                                struct cb_err *err)
{
    CB_TRY(cb_app_snapshot(app, rq, err));
    const struct cb_snapshot *s = rq->snapshot;
    const char *group = s->config->listeners[CB_LISTENER_MTLS].proxy.trust_group;
    const struct cb_cert *cert = NULL;
    CB_ENSURE(group != NULL, CB_E_CERT_ISSUER_UNKNOWN, "no trust group is that of proxies");
    CB_TRY(cb_peer_cert(own, &cert, err));
    CB_TRY(check_revoked_here(s, cert, err));
    return cb_peer_check_group(s, own, cb_str_of(group), rq->now, NULL, err);
}
