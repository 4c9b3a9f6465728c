/* The webhook's deliveries at times of the test's own choosing:
 *
 *   webhook_tool FOLDER URL NETWORK CA_FILE
 *
 * FOLDER holds kek. One event waits from the start. Each line of standard input is how many seconds pass
 * before what is due is delivered; then come the log's lines, and one that is empty. The first line is the
 * JWK set. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "watch/webhook.h"

enum { BEGIN = 1800000000 };

struct opened {
    struct cb_kek *kek;
    struct cb_ring *ring;
};

static cb_status each_key(void *ctx, const struct cb_key_record *k, struct cb_err *err)
{
    const struct opened *o = ctx;
    return cb_ring_add(o->ring, NULL, o->kek, k, err);
}

static cb_status open_ring(const char *folder, struct opened *o, struct cb_err *err)
{
    char kek[512], where[512];
    struct cb_store *store = NULL;
    int64_t generation = 0;
    (void)snprintf(kek, sizeof kek, "%s/kek", folder);
    (void)snprintf(where, sizeof where, "sqlite:%s/keys.db", folder);
    o->ring = cb_ring_new();
    CB_TRY(cb_kek_load(kek, &o->kek, err));
    CB_TRY(cb_store_open(where, &store, err));
    CB_TRY(cb_store_migrate(store, BEGIN, err));
    CB_TRY(cb_keys_create(store, o->kek, CB_ALG_ES256, true, BEGIN, 0, NULL, err));
    CB_TRY(cb_store_read_registry(store, &(struct cb_registry_reader){ .key = each_key, .ctx = o },
                                  &generation, err));
    cb_store_close(store);
    return CB_OK;
}

static void print_keys(const struct cb_ring *ring)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_MIB);
    struct cb_json_out j = cb_json_out(&text);
    cb_ring_write_jwks(ring, BEGIN, &j);
    (void)printf(CB_STR_FMT "\n", CB_STR_ARG(cb_buf_str(&text)));
    (void)fflush(stdout);
}

static void deliver_as_told(const struct cb_snapshot *s, struct cb_fetcher *f, struct cb_log *log)
{
    struct cb_webhook *hook = cb_webhook_new(log);
    char line[32];
    int64_t now = BEGIN;
    cb_webhook_add(hook, CB_STR("{\"id\":\"one\"}"), now);
    while (fgets(line, sizeof line, stdin) != NULL) {
        now += strtoll(line, NULL, 10);
        cb_webhook_deliver(hook, f, s, now);
        (void)printf("\n");
        (void)fflush(stdout);
    }
    cb_webhook_free(hook);
}

int main(int argc, char **argv)
{
    struct opened o = { NULL, NULL };
    struct cb_err err = { 0 };
    struct cb_log *log = NULL;
    struct cb_fetcher *fetcher = NULL;
    if (argc != 5) {
        return 2;
    }
    const char *allowed = argv[3];
    const struct cb_config config = {
        .expiry_webhook = argv[2],
        .outbound = { .allowed_addresses = &allowed,
                      .allowed_address_count = 1,
                      .ca_file = argv[4],
                      .timeout_s = 1 },
    };
    if (CB_FAILED(open_ring(argv[1], &o, &err)) ||
        CB_FAILED(cb_log_new(STDOUT_FILENO, CB_LOG_INFO, &log, &err)) ||
        CB_FAILED(cb_fetcher_new(&config.outbound, &fetcher, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return 1;
    }
    const struct cb_snapshot snapshot = { .config = &config, .ring = o.ring };
    print_keys(o.ring);
    deliver_as_told(&snapshot, fetcher, log);
    cb_fetcher_free(fetcher);
    cb_log_free(log);
    cb_ring_unref(o.ring);
    cb_kek_free(o.kek);
    return 0;
}
