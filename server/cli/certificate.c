/* certbound client certificates: which certificates clients have. */
#include "base/clock.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/listing.h"
#include "jose/base64url.h"
#include "partner/client_json.h"
#include "partner/registry.h"

struct certificate_args {
    const char *config;
    const char *client_id;
    const char *within;
    bool json;
};

/* --- client certificates --- */

struct list {
    int64_t now;
    int64_t ends_before;         /* 0: list all */
    struct cb_registry *revoked; /* of which only that half is filled */
    struct cb_listing out;
};

static cb_status note_revoked(void *ctx, const struct cb_revocation_record *r, struct cb_err *err)
{
    const struct list *l = ctx;
    return cb_registry_add_revoked(l->revoked, r->x5t, err);
}

static bool is_revoked(const struct list *l, const struct cb_seen_certificate *c)
{
    struct cb_x5t x5t = { 0 };
    memcpy(x5t.b, c->x5t.p, c->x5t.n < sizeof x5t.b ? c->x5t.n : sizeof x5t.b);
    return cb_registry_is_revoked(l->revoked, &x5t);
}

static cb_status list_json(void *ctx, const struct cb_seen_certificate *c, struct cb_err *err)
{
    struct list *l = ctx;
    cb_seen_json(c, is_revoked(l, c), l->now, &l->out.json);
    return cb_buf_check(&l->out.text, err);
}

static cb_status list_row(void *ctx, const struct cb_seen_certificate *c, struct cb_err *err)
{
    (void)err;
    struct list *l = ctx;
    char days[24], not_after[CB_TIME_TEXT], last_seen[CB_TIME_TEXT], x5t[CB_X5T_TEXT] = "";
    (void)snprintf(days, sizeof days, "%lld", (long long)cb_days_left(c->not_after, l->now));
    cb_time_text(c->not_after, not_after);
    cb_time_text(c->last_seen, last_seen);
    const struct cb_str used = c->last_seen == 0 ? CB_STR("-") : cb_str_of(last_seen);
    cb_base64url_encode(c->x5t.p, c->x5t.n, x5t);
    const char *state = cb_seen_state(c, is_revoked(l, c), l->now);
    cb_table_add(&l->out.table,
                 (const struct cb_str[]){ cb_str_of(days), cb_str_of(not_after), c->client_id,
                                          cb_str_of(state), used, cb_str_of(x5t), c->subject });
    return CB_OK;
}

/* "30d": the certificates that end within so many days from now, those that have ended included. */
static bool read_within(const char *within, int64_t now, int64_t *out_before)
{
    enum { DAY = 86400, DIGITS_MAX = 4 };
    const size_t digits = strspn(within, "0123456789");
    int64_t days = 0;
    for (size_t i = 0; i < digits && i < DIGITS_MAX; i++) {
        days = days * 10 + (within[i] - '0');
    }
    *out_before = now + days * DAY + 1;
    return digits > 0 && digits <= DIGITS_MAX && cb_str_is(CB_STR("d"), within + digits);
}

static cb_status read_list(struct cb_cli *cli, const struct certificate_args *args, struct list *l,
                           struct cb_err *err)
{
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    const struct cb_certificate_page page = { .client_id = cb_str_of(args->client_id),
                                              .ends_before = l->ends_before,
                                              .limit = INT64_MAX };
    struct cb_client_record client;
    int64_t generation = 0;
    CB_TRY(cb_cli_store_at(cli, args->config, &store, err));
    if (args->client_id != NULL) {
        CB_TRY(cb_store_client_get(store, &cli->arena, page.client_id, &client, err));
    }
    CB_TRY(cb_store_read_registry(store, &(struct cb_registry_reader){ .revocation = note_revoked, .ctx = l },
                                  &generation, err));
    return cb_store_certificate_page(store, &page, l->out.as_json ? list_json : list_row, l, err);
}

static int run_certificates(struct cb_cli *cli, const void *given)
{
    const struct certificate_args *args = given;
    struct list l = { .now = cb_clock_unix() };
    if (args->within != NULL && !read_within(args->within, l.now, &l.ends_before)) {
        return cb_cli_usage(cli, "--expiring-within takes days, such as 30d");
    }
    l.revoked = cb_registry_new();
    if (l.revoked == NULL) {
        return cb_cli_refuse(cli, "no memory");
    }
    struct cb_err err = { 0 };
    CB_LISTING_BEGIN(&l.out, cli, args->json, "certificates", CB_STR("DAYS_LEFT"), CB_STR("NOT_AFTER"),
                     CB_STR("CLIENT_ID"), CB_STR("STATE"), CB_STR("LAST_SEEN"), CB_STR("X5T#S256"),
                     CB_STR("SUBJECT"));
    const int status = cb_listing_end(&l.out, read_list(cli, args, &l, &err), &err);
    cb_listing_done(&l.out);
    cb_registry_unref(l.revoked);
    return status;
}

/* --- tables --- */

#define AT(member) offsetof(struct certificate_args, member)

static const struct cb_option options[] = {
    { "CLIENT_ID", NULL, false, AT(client_id), "of one client only" },
    { "expiring-within", "DAYS", false, AT(within), "30d: only those that end by then, or have ended" },
    CB_OPTION_CONFIG(certificate_args),
    CB_OPTION_JSON(certificate_args),
};
const struct cb_command cb_command_client_certificates = {
    "client certificates",
    "List the certificates that clients were seen with or registered, those that end first first",
    options,
    CB_COUNT(options),
    sizeof(struct certificate_args),
    run_certificates,
    .more = "not_seen: registered, not used yet; current; replaced: the client was seen with one that ends\n"
            "later; replaced_in_use: and with this one afterwards all the same, within a day; expired;\n"
            "revoked: here, by revoke-certificate."
};
