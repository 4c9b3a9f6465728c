#include "app/ops.h"

#include <inttypes.h>

#include "app/app.h"

enum { TEXT_MAX = 128 * 1024 };

static cb_status text_buf(struct cb_request *rq, struct cb_buf *out, struct cb_err *err)
{
    void *memory = cb_arena_alloc(rq->arena, TEXT_MAX);
    CB_ENSURE(memory != NULL, CB_E_MEMORY, "ops text");
    cb_buf_over(out, memory, TEXT_MAX);
    return CB_OK;
}

static cb_status reply_text(int status, const struct cb_buf *text, struct cb_reply *out, struct cb_err *err)
{
    CB_TRY(cb_buf_check(text, err));
    *out = (struct cb_reply){ .kind = CB_REPLY_TEXT, .status = status, .text = cb_buf_str(text) };
    return CB_OK;
}

cb_status cb_livez_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                       struct cb_err *err)
{
    (void)app;
    (void)rq;
    (void)err;
    *out = (struct cb_reply){ .kind = CB_REPLY_TEXT, .status = 200, .text = CB_STR("live\n") };
    return CB_OK;
}

cb_status cb_readyz_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                        struct cb_err *err)
{
    struct cb_app_health h = { 0 };
    struct cb_buf text;
    CB_TRY(text_buf(rq, &text, err));
    cb_app_health(app, rq->now, &h);
    cb_buf_add_cstr(&text, h.ready ? "ready\n" : "not ready\n");
    cb_buf_add_fmt(&text, "store: %s\n",
                   h.store_up          ? "up"
                   : h.registry_loaded ? "down, tokens go on from what was read before"
                                       : "down");
    cb_buf_add_fmt(&text, "registry: %s\n", h.registry_loaded ? "loaded" : "not read yet");
    cb_buf_add_fmt(&text, "signing key: %s\n", h.has_signing_key ? "there" : "none");
    return reply_text(h.ready ? 200 : 503, &text, out, err);
}

static void gauge(struct cb_buf *text, const char *name, const char *help, uint64_t value)
{
    cb_buf_add_fmt(text, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
    cb_buf_add_fmt(text, "%s %" PRIu64 "\n", name, value);
}

/* --- certificates that end --- */

static void put_within(struct cb_buf *text, const struct cb_expiry_counts *c, size_t kind)
{
    for (int i = 0; i < CB_EXPIRY_STEPS; i++) {
        cb_buf_add_fmt(text, "certbound_certificates_expiring{kind=\"%s\",within_days=\"%d\"} %" PRIu64 "\n",
                       cb_certificate_kind_name((enum cb_certificate_kind)kind), cb_expiry_steps[i],
                       c->kinds[kind].within[i]);
    }
}

static void put_expiry(struct cb_buf *text, const struct cb_expiry_counts *c)
{
    cb_buf_add_cstr(text,
                    "# HELP certbound_certificates_expiring Certificates that end within so many days.\n"
                    "# TYPE certbound_certificates_expiring gauge\n");
    for (size_t kind = 0; kind < CB_CERTIFICATE_KIND__MAX; kind++) {
        put_within(text, c, kind);
    }
    cb_buf_add_cstr(text, "# HELP certbound_certificate_days_left Days until the first certificate ends.\n"
                          "# TYPE certbound_certificate_days_left gauge\n");
    for (size_t kind = 0; kind < CB_CERTIFICATE_KIND__MAX; kind++) {
        if (c->kinds[kind].any) {
            cb_buf_add_fmt(text, "certbound_certificate_days_left{kind=\"%s\"} %" PRId64 "\n",
                           cb_certificate_kind_name((enum cb_certificate_kind)kind),
                           c->kinds[kind].least_days);
        }
    }
}

cb_status cb_metrics_get(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                         struct cb_err *err)
{
    struct cb_app_health h = { 0 };
    struct cb_buf text;
    CB_TRY(text_buf(rq, &text, err));
    cb_app_health(app, rq->now, &h);
    gauge(&text, "certbound_ready", "1 when a token request can succeed.", h.ready);
    gauge(&text, "certbound_store_up", "1 when the last call to the store succeeded.", h.store_up);
    gauge(&text, "certbound_clients", "Registered clients that are loaded.", h.clients);
    gauge(&text, "certbound_registry_generation", "Generation of the registry in the store.",
          (uint64_t)h.registry_generation);
    gauge(&text, "certbound_snapshot_generation", "Generation of what requests see, in this process.",
          h.generation);
    CB_TRY(cb_app_snapshot(app, rq, err));
    cb_revocation_metrics(rq->snapshot->revocation, &text);
    put_expiry(&text, &h.expiry);
    cb_buf_add_cstr(&text, "# HELP certbound_store_statements_total Statements sent to the store.\n"
                           "# TYPE certbound_store_statements_total counter\n");
    cb_buf_add_fmt(&text, "certbound_store_statements_total %" PRIu64 "\n", h.store_statements);
    cb_buf_add_cstr(&text, "# HELP certbound_events_total Log events, written or not, by name.\n"
                           "# TYPE certbound_events_total counter\n");
    for (int e = 0; e < CB_EV__MAX; e++) {
        cb_buf_add_fmt(&text, "certbound_events_total{event=\"%s\"} %" PRIu64 "\n",
                       cb_event_name((enum cb_event)e), cb_log_count(h.log, (enum cb_event)e));
    }
    return reply_text(200, &text, out, err);
}
