#include "app/serve.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "app/app.h"
#include "app/listeners.h"
#include "app/revocation.h"
#include "base/clock.h"
#include "base/limits.h"

enum { PROBLEMS_MAX = 64 * 1024, FIRST_READING_MS = 1000 };

/* The running server, in the order in which it is started; a zeroed member was not started. */
struct server {
    const char *config_path;
    struct cb_settings *settings; /* those in force; the app holds them too */
    struct cb_log *log;
    struct cb_app *app;
    struct cb_revocation *revocation;
    struct cb_server_credentials credentials;
    struct cb_listeners listeners;
};

static void stop(struct server *s)
{
    if (s->log != NULL) {
        const int64_t timeout_s = s->settings->config->shutdown_timeout_s;
        CB_LOG(s->log, CB_EV_SERVER_STOPPING, NULL, CB_F_INT("timeout_s", timeout_s));
        cb_listeners_stop(&s->listeners, timeout_s);
        cb_revocation_stop(s->revocation);
        cb_app_free(s->app);
        CB_LOG(s->log, CB_EV_SERVER_STOPPED, NULL, CB_F_INT("pid", getpid()));
    }
    cb_server_credentials_done(&s->credentials);
    cb_log_free(s->log);
    cb_settings_unref(s->settings);
    *s = (struct server){ 0 };
}

static enum cb_log_level level_of(const struct cb_config *c)
{
    enum cb_log_level level = CB_LOG_INFO;
    (void)cb_log_level_of(cb_str_of(c->log_level), &level); /* the configuration was checked */
    return level;
}

static void auto_store(struct cb_store **s)
{
    cb_store_close(*s);
}

static void auto_kek(struct cb_kek **k)
{
    cb_kek_free(*k);
}

/* A database that is away may come back while we run; one with another schema will not change by itself. */
static cb_status check_schema(struct cb_store *store, struct cb_err *err)
{
    struct cb_err why = { 0 };
    if (CB_FAILED(cb_store_check_schema(store, &why))) {
        CB_ENSURE(cb_code_class(why.code) != CB_CLASS_OPERATOR, why.code, "%.200s", why.detail);
    }
    return CB_OK;
}

static cb_status start_app(struct server *s, struct cb_err *err)
{
    const struct cb_config *c = s->settings->config;
    CB_AUTO(auto_store) struct cb_store *store = NULL;
    CB_AUTO(auto_kek) struct cb_kek *kek = NULL;
    CB_TRY(cb_kek_load(c->key_encryption_key, &kek, err));
    CB_TRY(cb_store_open(c->store, &store, err));
    CB_TRY(check_schema(store, err));
    CB_TRY(cb_app_new(cb_settings_ref(s->settings), store, kek, s->log, &s->app, err));
    store = NULL;
    kek = NULL;
    CB_TRY(cb_app_follow(s->app, err));
    return cb_app_watch(s->app, err);
}

static uint64_t generation_of(const struct server *s)
{
    struct cb_app_health health = { 0 };
    cb_app_health(s->app, 0, &health);
    return health.settings_generation;
}

/* What each trust group now consists of, and from which generation on. */
static void say_trust(const struct server *s, uint64_t generation)
{
    const struct cb_trust_groups *groups = s->settings->trust;
    for (size_t i = 0; i < cb_trust_groups_count(groups); i++) {
        const char *name = NULL;
        const struct cb_trust *t = cb_trust_groups_at(groups, i, &name);
        CB_LOG(s->log, CB_EV_TRUST_LOADED, NULL, CB_F_CSTR("trust_group", name),
               CB_F_INT("anchors", cb_trust_anchor_count(t)),
               CB_F_INT("intermediates", cb_trust_intermediate_count(t)), CB_F_INT("generation", generation));
    }
}

static void say_lines(const struct server *s, enum cb_event event, const char *field,
                      const struct cb_buf *lines)
{
    struct cb_str line;
    for (struct cb_str rest = cb_buf_str(lines); lines->n > 0 && cb_str_next(&rest, '\n', &line);) {
        if (line.n > 0) {
            CB_LOG(s->log, event, NULL, CB_F_STR(field, line));
        }
    }
}

static void say_warnings(const struct server *s)
{
    struct cb_buf warnings CB_AUTO(cb_buf_done);
    cb_buf_init(&warnings, PROBLEMS_MAX);
    cb_config_warnings(s->settings->config, &warnings);
    say_lines(s, CB_EV_CONFIG_WARNING, "warning", &warnings);
}

static cb_status start(struct server *s, struct cb_buf *problems, struct cb_err *err)
{
    CB_TRY(cb_settings_load(s->config_path, &s->settings, problems, err));
    const struct cb_config *c = s->settings->config;
    CB_TRY(cb_server_credentials_load(c, &s->credentials, err));
    CB_TRY(cb_log_new(STDERR_FILENO, level_of(c), &s->log, err));
    CB_LOG(s->log, CB_EV_SERVER_STARTING, NULL, CB_F_INT("pid", getpid()), CB_F_CSTR("issuer", c->issuer));
    CB_TRY(start_app(s, err));
    CB_TRY(cb_app_revocation_start(s->app, s->settings, &s->revocation, err));
    say_trust(s, generation_of(s));
    say_warnings(s);
    return cb_listeners_start(s->app, c, &s->credentials, s->log, &s->listeners, err);
}

/* --- reload: load and verify everything, then swap, then say so --- */

static cb_status check_reloadable(const struct server *s, struct cb_settings *fresh, struct cb_err *err)
{
    char memory[160];
    struct cb_buf keys;
    cb_buf_over(&keys, memory, sizeof memory);
    cb_config_restart_needed(s->settings->config, fresh->config, &keys);
    CB_ENSURE(keys.n == 0 && !keys.failed, CB_E_CONFIG, "needs a restart: " CB_STR_FMT,
              CB_STR_ARG(cb_buf_str(&keys)));
    return CB_OK;
}

static void auto_settings(struct cb_settings **s)
{
    cb_settings_unref(*s);
}

static cb_status reload(struct server *s, struct cb_buf *problems, struct cb_err *err)
{
    CB_AUTO(auto_settings) struct cb_settings *fresh = NULL;
    struct cb_server_credentials credentials CB_AUTO(cb_server_credentials_done) = { 0 };
    CB_TRY(cb_settings_load(s->config_path, &fresh, problems, err));
    CB_TRY(check_reloadable(s, fresh, err));
    CB_TRY(cb_server_credentials_load(fresh->config, &credentials, err));
    CB_TRY(cb_revocation_follow(s->revocation, fresh->config, fresh->trust, err));
    CB_TRY(cb_app_set_settings(s->app, cb_settings_ref(fresh), err));

    cb_listeners_set_credentials(&s->listeners, &credentials);
    cb_log_set_level(s->log, level_of(fresh->config));
    cb_settings_unref(s->settings);
    s->settings = CB_TAKE(fresh);
    return CB_OK;
}

static void reload_and_say(struct server *s)
{
    struct cb_err err = { 0 };
    struct cb_buf problems CB_AUTO(cb_buf_done);
    cb_buf_init(&problems, PROBLEMS_MAX);
    if (CB_FAILED(reload(s, &problems, &err))) {
        say_lines(s, CB_EV_RELOAD_REFUSED, "problem", &problems);
        CB_LOG(s->log, CB_EV_RELOAD_REFUSED, &err, CB_F_CSTR("config", s->config_path),
               CB_F_INT("generation", generation_of(s)));
        return;
    }
    const uint64_t generation = generation_of(s);
    say_trust(s, generation);
    say_warnings(s);
    CB_LOG(s->log, CB_EV_RELOADED, NULL, CB_F_INT("generation", generation));
}

/* --- running --- */

static void run(struct server *s, const sigset_t *signals)
{
    for (;;) {
        int signal_number = 0;
        if (sigwait(signals, &signal_number) != 0) {
            continue;
        }
        if (signal_number != SIGHUP) {
            return;
        }
        reload_and_say(s);
    }
}

static void say_not_started(const struct cb_buf *problems, const struct cb_err *err)
{
    (void)fprintf(stderr, CB_STR_FMT, CB_STR_ARG(cb_buf_str(problems)));
    (void)fprintf(stderr, "certbound serve: %s: %s\n", cb_code_reason(err->code), err->detail);
}

/* Signing keys do not belong in a core file, nor in a debugger of the same user. */
static void keep_out_of_core_files(void)
{
#ifndef __SANITIZE_ADDRESS__ /* LeakSanitizer looks at its own process from outside */
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

/* A revocation list is tens of megabytes, and the next one replaces it: what is freed of it goes back to the
 * system at once. Left alone, the allocator soon keeps such blocks for each thread that ever had one. */
static void give_back_large_blocks(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, (int)CB_MIB);
}

/* Listeners accept before the first reading of the store is done. Who waits for "ready" wants tokens, so that
 * reading is waited for; a store that is away does not hold up the start. */
static bool wait_until_ready(const struct cb_app *app)
{
    const struct timespec pause = { .tv_nsec = 2 * 1000000L };
    const int64_t until = cb_clock_monotonic_ms() + FIRST_READING_MS;
    struct cb_app_health health = { 0 };
    do {
        cb_app_health(app, cb_clock_unix(), &health);
        (void)nanosleep(&pause, NULL);
    } while (!health.ready && cb_clock_monotonic_ms() < until);
    return health.ready;
}

int cb_serve(const char *config_path, FILE *ready)
{
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before any thread: all inherit it */
    (void)signal(SIGPIPE, SIG_IGN);
    keep_out_of_core_files();
    give_back_large_blocks();

    struct cb_err err = { 0 };
    struct cb_buf problems CB_AUTO(cb_buf_done);
    cb_buf_init(&problems, PROBLEMS_MAX);
    struct server s = { .config_path = config_path };
    if (CB_FAILED(start(&s, &problems, &err))) {
        say_not_started(&problems, &err);
        stop(&s);
        return 1;
    }
    const bool tokens = wait_until_ready(s.app);
    CB_LOG(s.log, CB_EV_SERVER_READY, NULL, CB_F_INT("pid", getpid()), CB_F_BOOL("tokens", tokens));
    if (ready != NULL) {
        (void)fputs("ready\n", ready);
        (void)fflush(ready);
    }
    run(&s, &signals);
    stop(&s);
    return 0;
}
