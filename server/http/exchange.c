#include "http/exchange.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/random.h"
#include "http/body.h"
#include "http/client_cert_proxy.h"
#include "http/facts.h"
#include "http/form.h"
#include "http/reply.h"
#include "jose/base64url.h"

struct cb_connection *cb_connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static void enter(struct cb_connection *c, enum cb_phase phase)
{
    cb_tls_moved();
    cb_connection_enter(c->listener->connections, &c->entry, phase);
}

/* --- the request line and the header --- */

void *cb_exchange_uri(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    (void)cls;
    struct cb_connection *c = cb_connection_of(mhd);
    if (c != NULL) {
        enter(c, CB_PHASE_HEADER);
        const char *query = strchr(uri, '?');
        if (query != NULL) { /* the library decodes it in its own way, in place */
            c->query = cb_arena_str(&c->arena, cb_str_of(query + 1));
        }
    }
    return NULL;
}

static cb_status request_id(char out[CB_REQUEST_ID_TEXT], struct cb_err *err)
{
    uint8_t bytes[CB_RANDOM_NAME];
    CB_TRY(cb_random_name(bytes, err));
    cb_base64url_encode(bytes, sizeof bytes, out);
    out[CB_REQUEST_ID_TEXT - 1] = '\0';
    return CB_OK;
}
_Static_assert(CB_BASE64URL_LEN(CB_RANDOM_NAME) + 1 == CB_REQUEST_ID_TEXT, "a request id fits");

static cb_status check_header(struct cb_connection *c, const struct cb_facts *facts, const char *method,
                              const char *url)
{
    struct cb_exchange *x = &c->exchange;
    struct cb_err *err = &x->err;
    CB_TRY(cb_router_find(c->listener->router, cb_str_of(method), cb_str_of(url), &x->found, err));
    x->request.changes = x->found.route->method != CB_GET && !x->found.route->only_asks;
    for (size_t i = 0; i < CB_PATH_PARAMS && x->found.params[i].n > 0; i++) {
        CB_TRY(cb_path_param(&c->arena, x->found.params[i], &x->request.path_params[i], err));
    }
    return cb_body_expect(x, facts, err);
}

static enum MHD_Result answer(struct cb_connection *c, struct MHD_Connection *mhd, const char *method);

/* A refusal waits until the body has been read, because closing on unread bytes would reset the connection
 * and the peer might never see the reply. Not for a peer that asks before it sends (RFC 9110 section 10.1.1),
 * nor for a body of unreasonable size. */
static bool answer_at_once(const struct cb_exchange *x, const struct cb_facts *facts, bool framed)
{
    if (!x->refused) {
        return false;
    }
    return !framed || facts->fields[CB_FIELD_EXPECT].p != NULL ||
           facts->content_length > CB_LIMIT_DRAINED_BODY;
}

static enum MHD_Result begin(struct cb_connection *c, struct MHD_Connection *mhd, const char *method,
                             const char *url)
{
    struct cb_exchange *x = &c->exchange;
    *x = (struct cb_exchange){ .began_us = cb_clock_monotonic_us() };
    x->request.now = cb_clock_unix();
    x->request.arena = &c->arena;
    enter(c, CB_PHASE_BODY);

    struct cb_facts facts;
    const bool named = !CB_FAILED(request_id(x->request.id, &x->err));
    const bool framed = !CB_FAILED(cb_facts_gather(mhd, c->listener->header_max, &facts, &x->err));
    x->request.authorization = facts.fields[CB_FIELD_AUTHORIZATION];
    x->request.if_none_match = facts.fields[CB_FIELD_IF_NONE_MATCH];
    x->request.if_match = facts.fields[CB_FIELD_IF_MATCH];
    x->refused = !named || !framed || CB_FAILED(check_header(c, &facts, method, url));
    return answer_at_once(x, &facts, framed) ? answer(c, mhd, method) : MHD_YES;
}

/* --- the endpoint --- */

/* The certificate of the connection itself, and what a proxy's header says instead. */
static cb_status find_peer(struct cb_connection *c, struct MHD_Connection *mhd, struct cb_err *err)
{
    if (c->listener->ask_certificate && !c->peer_known) {
        struct cb_str chain[CB_LIMIT_CHAIN + 1]; /* one too many is for the peer to refuse */
        const size_t n = cb_tls_peer_chain(&c->tls, chain, CB_COUNT(chain));
        if (n > 0) {
            c->peer = cb_peer_new(chain, n);
            CB_ENSURE(c->peer != NULL, CB_E_MEMORY, "certificate of a connection");
        }
        c->peer_known = true;
    }
    c->exchange.request.peer = c->peer;
    if (c->listener->cert_proxy != NULL) {
        cb_cert_proxy_look(c, mhd);
    } else if (c->listener->ask_certificate) {
        cb_cert_header_ignore(c, mhd);
    }
    return CB_OK;
}

/* The route's parameters come from the form or, where it takes none, from the query. */
static cb_status bind_parameters(struct cb_connection *c, struct cb_err *err)
{
    struct cb_exchange *x = &c->exchange;
    const struct cb_param_table *params = x->found.route->params;
    struct cb_request *rq = &x->request;
    rq->body = (struct cb_str){ x->body, x->body_n };
    if (rq->body_type == CB_BODY_FORM) {
        CB_TRY(cb_form_bind(&c->arena, params, x->body, x->body_n, &rq->form, &rq->client_id, err));
        rq->audit.client_id = rq->client_id;
    } else if (params != NULL) {
        struct cb_str client_id = { 0 }; /* no query says who somebody is */
        char *query = cb_arena_alloc(&c->arena, c->query.n);
        CB_ENSURE(query != NULL && (c->query.n == 0 || c->query.p != NULL), CB_E_MEMORY, "query");
        memcpy(query, c->query.n > 0 ? c->query.p : "", c->query.n);
        CB_TRY(cb_form_bind(&c->arena, params, query, c->query.n, &rq->form, &client_id, err));
    }
    return CB_OK;
}

static cb_status run(struct cb_connection *c, struct cb_err *err)
{
    struct cb_exchange *x = &c->exchange;
    const struct cb_route *route = x->found.route;
    const struct cb_listener_options *o = &c->listener->options;
    struct cb_request *rq = &x->request;
    if (c->listener->cert_proxy != NULL) {
        CB_TRY(cb_cert_proxy_peer(c, err));
    }
    /* A client says in the form who it is; an administrator's query is nobody else's to try. */
    if (route->auth == CB_ROUTE_AUTH_ADMIN) {
        CB_TRY(o->authenticate[route->auth](o->app, rq, &x->reply, err));
    }
    CB_TRY(bind_parameters(c, err));
    if (route->auth == CB_ROUTE_AUTH_CLIENT) {
        CB_TRY(o->authenticate[route->auth](o->app, rq, &x->reply, err));
    }
    return route->endpoint(o->app, rq, &x->reply, err);
}

/* --- the reply --- */

static enum MHD_Result queue(struct MHD_Connection *mhd, const struct cb_rendered *r)
{
    /* The library wants a pointer without const and only reads. */
    const union {
        const char *from;
        void *to;
    } body = { .from = r->body.p };
    /* The body is in the arena or a document: both stay until the request is completed. */
    struct MHD_Response *response =
        MHD_create_response_from_buffer(r->body.n, body.to, MHD_RESPMEM_PERSISTENT);
    if (response == NULL) {
        return MHD_NO;
    }
    enum MHD_Result ok = MHD_YES;
    for (size_t i = 0; i < r->header_count && ok == MHD_YES; i++) {
        ok = MHD_add_response_header(response, r->headers[i].name, r->headers[i].value);
    }
    if (ok == MHD_YES) {
        ok = MHD_queue_response(mhd, r->status, response);
    }
    MHD_destroy_response(response);
    return ok;
}

static enum MHD_Result answer(struct cb_connection *c, struct MHD_Connection *mhd, const char *method)
{
    struct cb_exchange *x = &c->exchange;
    enter(c, CB_PHASE_REPLY);
    bool refused = CB_FAILED(find_peer(c, mhd, &x->err)) || x->refused || CB_FAILED(run(c, &x->err));
    const struct cb_reply_context context = { .tls = c->listener->tls != NULL,
                                              .closing = atomic_load(&c->listener->stopping),
                                              .problem_documents = c->listener->options.problem_documents };
    struct cb_rendered rendered;
    refused = refused || CB_FAILED(cb_reply_render(&context, &x->request, &x->reply, &rendered, &x->err));
    if (refused) {
        cb_reply_render_error(&context, &x->request,
                              &(struct cb_refusal){ x->err.code, x->found.allow, x->accept }, &rendered);
    }
    if (rendered.body.n > 0 && !cb_str_is(cb_str_of(method), MHD_HTTP_METHOD_HEAD)) {
        cb_tls_hold(&c->tls);
    }
    const enum MHD_Result queued = queue(mhd, &rendered);
    cb_exchange_log(c, method, refused, rendered.status);
    return queued;
}

/* A refused body that goes on and on is not read to its end, so the refusal cannot be sent: it is logged. */
static enum MHD_Result collect(struct cb_connection *c, const char *method, const char *p, size_t *n)
{
    struct cb_exchange *x = &c->exchange;
    const bool go_on = cb_body_take(x, p, *n);
    *n = 0;
    if (!go_on) {
        cb_exchange_log(c, method, true, (unsigned)cb_error_of(x->err.code)->status);
    }
    return go_on ? MHD_YES : MHD_NO;
}

/* --- called by the HTTP library --- */

enum MHD_Result cb_exchange_handle(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                   const char *version, const char *upload, size_t *upload_size,
                                   void **request)
{
    (void)cls, (void)version;
    struct cb_connection *c = cb_connection_of(mhd);
    if (c == NULL) {
        return MHD_NO;
    }
    if (*request == NULL) {
        *request = c;
        return begin(c, mhd, method, url);
    }
    return *upload_size > 0 ? collect(c, method, upload, upload_size) : answer(c, mhd, method);
}

void cb_exchange_reset(struct cb_connection *c)
{
    cb_document_unref(c->exchange.reply.document);
    cb_arena_reset(&c->arena);
    c->exchange.reply.document = NULL;
    c->query = (struct cb_str){ 0 };
}

void cb_exchange_completed(void *cls, struct MHD_Connection *mhd, void **request,
                           enum MHD_RequestTerminationCode why)
{
    (void)cls, (void)why;
    struct cb_connection *c = cb_connection_of(mhd);
    if (c != NULL) {
        cb_exchange_reset(c);
        enter(c, CB_PHASE_IDLE);
    }
    *request = NULL;
}
