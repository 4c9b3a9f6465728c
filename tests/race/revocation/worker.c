/* Many threads ask about one certificate while its list changes, its responder stalls, the configuration is
 * followed anew and views are swapped: no answer is ever wrong, and everything ends when it is told to. */
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "revocation/revocation.h"
#include "testlib/crl.h"
#include "testlib/ocsp.h"

enum { THREADS = 6, ROUNDS = 12 };

struct world {
    char folder[32], list_path[64], anchors_path[64], cache_path[64];
    struct pki_cert *ca, *leaf;
    struct cb_config config;
    struct cb_config_trust_group groups[2]; /* by lists, by asking */
    const char *lists[2];
    struct cb_trust_groups *trust;
    pthread_mutex_t lock; /* guards the view */
    struct cb_revocation_view *view;
    uint64_t generation;
    atomic_bool stop, stopping_net, revoked;
    atomic_int fetches, good, answered, refused, wrong;
};

static void need(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "%s\n", what);
        abort();
    }
}

static void pause_ms(long ms)
{
    (void)nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

static void write_file(const char *path, const char *bytes, size_t n)
{
    char fresh[80];
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    FILE *f = fopen(fresh, "wb");
    need(f != NULL && fwrite(bytes, 1, n, f) == n && fclose(f) == 0 && rename(fresh, path) == 0, path);
}

/* Every list is newer than the one before. */
static char *make_list(const struct world *w, bool revoking, size_t *out_n)
{
    static atomic_int number;
    struct cb_buf entries;
    const ASN1_INTEGER *serial = X509_get0_serialNumber(w->leaf->x509);
    const int64_t now = cb_clock_unix();
    unsigned char *der = NULL;
    const int n = i2d_ASN1_INTEGER(serial, &der);
    cb_buf_init(&entries, 1024);
    if (revoking) {
        crl_entry(&entries, (struct cb_str){ (const char *)der + 2, (size_t)n - 2 }, (struct cb_str){ 0 });
    }
    char *list = crl_issue(&(struct crl_spec){ .issuer = w->ca,
                                               .entries = cb_buf_str(&entries),
                                               .this_update = now - 1000 + atomic_fetch_add(&number, 1),
                                               .next_update = now + 1000 },
                           out_n);
    OPENSSL_free(der);
    cb_buf_done(&entries);
    return list;
}

static void put_list(struct world *w, bool revoking)
{
    size_t n = 0;
    char *list = make_list(w, revoking, &n);
    write_file(w->list_path, list, n);
    free(list);
}

/* Lists come, responders stall and fail. */
static cb_status fetch(void *ctx, const char *url, struct cb_str body, const char *content_type,
                       struct cb_buf *out, struct cb_err *err)
{
    struct world *w = ctx;
    (void)url, (void)content_type;
    const int call = atomic_fetch_add(&w->fetches, 1);
    for (int i = 0; i < call % 7 && !atomic_load(&w->stopping_net); i++) {
        pause_ms(5);
    }
    CB_ENSURE(call % 3 != 0 && !atomic_load(&w->stopping_net), CB_E_FETCH_FAILED, "away");
    size_t n = 0;
    const int64_t now = cb_clock_unix();
    char *bytes = body.p == NULL ? make_list(w, false, &n)
                                 : ocsp_answer(&(struct ocsp_spec){ .issuer = w->ca,
                                                                    .about = w->leaf,
                                                                    .this_update = now - 1,
                                                                    .next_update = now + 30 },
                                               &n);
    cb_buf_reset(out);
    cb_buf_add(out, bytes, n);
    free(bytes);
    return cb_buf_check(out, err);
}

static void stop_net(void *ctx)
{
    struct world *w = ctx;
    atomic_store(&w->stopping_net, true);
}

static uint64_t publish(void *ctx, struct cb_revocation_view *view)
{
    struct world *w = ctx;
    (void)pthread_mutex_lock(&w->lock);
    struct cb_revocation_view *old = w->view;
    w->view = view;
    const uint64_t generation = ++w->generation;
    (void)pthread_mutex_unlock(&w->lock);
    cb_revocation_view_unref(old);
    return generation;
}

static struct cb_revocation_view *current(struct world *w)
{
    (void)pthread_mutex_lock(&w->lock);
    struct cb_revocation_view *v = w->view == NULL ? NULL : cb_revocation_view_ref(w->view);
    (void)pthread_mutex_unlock(&w->lock);
    return v;
}

static struct cb_trust_path *path_of(const struct world *w, const struct cb_cert *cert)
{
    struct cb_trust_path *path = NULL;
    need(!CB_FAILED(cb_trust_check(cb_trust_groups_find(w->trust, CB_STR("partners")), cert, NULL, 0,
                                   cb_clock_unix(), &path, NULL)),
         "chain");
    return path;
}

static void check_once(struct world *w, const struct cb_config_trust_group *group, const struct cb_cert *cert,
                       const struct cb_trust_path *path)
{
    struct cb_revocation_view *v = current(w);
    struct cb_err err = { 0 };
    int64_t until = 0;
    const cb_status st = cb_revocation_check(v, group, path, cert, cb_clock_unix(), &until, &err);
    if (!CB_FAILED(st)) {
        atomic_fetch_add(group == &w->groups[0] ? &w->good : &w->answered, 1);
    } else if (err.code == CB_E_CERT_REVOKED) {
        atomic_fetch_add(&w->refused, 1);
        atomic_fetch_add(&w->wrong, !atomic_load(&w->revoked));
    } else {
        atomic_fetch_add(&w->wrong, err.code != CB_E_REVOCATION_UNKNOWN);
    }
    cb_revocation_view_unref(v);
}

static void *ask(void *argument)
{
    struct world *w = argument;
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_cert cert = { .der = { 0 } };
    cb_arena_init(&a, 1 << 20);
    need(!CB_FAILED(cb_cert_parse(&a, pki_der(w->leaf), &cert, NULL)), "certificate");
    struct cb_trust_path *path = path_of(w, &cert);
    for (unsigned i = 0; !atomic_load(&w->stop); i++) {
        check_once(w, &w->groups[i % 2], &cert, path);
        pause_ms(1);
    }
    cb_trust_path_unref(path);
    return NULL;
}

static void world_init(struct world *w)
{
    *w = (struct world){ .folder = "/tmp/certbound-race-XXXXXX", .lock = PTHREAD_MUTEX_INITIALIZER };
    const int64_t now = cb_clock_unix();
    const struct pki_spec ca = { .ca = true, .not_before = now - 1000, .not_after = now + 10000 };
    w->ca = pki_issue(&ca);
    w->leaf =
        pki_issue(&(struct pki_spec){ .issuer = w->ca, .not_before = now - 1000, .not_after = now + 10000 });
    need(mkdtemp(w->folder) != NULL, "folder");
    (void)snprintf(w->list_path, sizeof w->list_path, "%s/list.crl", w->folder);
    (void)snprintf(w->anchors_path, sizeof w->anchors_path, "%s/anchors.pem", w->folder);
    (void)snprintf(w->cache_path, sizeof w->cache_path, "%s/cache", w->folder);
    char *pem = pki_pem((const struct pki_cert *const[]){ w->ca }, 1);
    write_file(w->anchors_path, pem, strlen(pem));
    free(pem);
    w->lists[0] = w->list_path;
    w->lists[1] = "http://lists.example/ca.crl";
    w->groups[0] = w->groups[1] = (struct cb_config_trust_group){
        .name = "partners", .anchors = w->anchors_path, .depth = 4, .profile = "plain"
    };
    w->groups[0].revocation =
        (struct cb_config_revocation){ .check = "crl", .crls = w->lists, .crl_count = 2 };
    w->groups[1].name = "others";
    w->groups[1].revocation =
        (struct cb_config_revocation){ .check = "ocsp", .ocsp_responder = "http://ocsp.example" };
    w->config = (struct cb_config){ .trust_groups = w->groups, .trust_group_count = 2 };
    need(!CB_FAILED(cb_trust_groups_load(&w->config, &w->trust, NULL)), "trust");
    put_list(w, false);
}

static int empty_cache(const struct world *w)
{
    int files = 0;
    DIR *d = opendir(w->cache_path);
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        files += unlinkat(dirfd(d), e->d_name, 0) == 0;
    }
    (void)closedir(d);
    (void)rmdir(w->cache_path);
    return files;
}

static void world_done(struct world *w)
{
    cb_revocation_view_unref(w->view);
    cb_trust_groups_unref(w->trust);
    pki_free(w->leaf);
    pki_free(w->ca);
    (void)unlink(w->list_path);
    (void)unlink(w->anchors_path);
    need(empty_cache(w) > 0, "no list was kept");
    (void)rmdir(w->folder);
}

/* True when the threads see it within a second. */
static bool becomes_refused(struct world *w)
{
    const int before = atomic_load(&w->refused);
    const int64_t until = cb_clock_monotonic_ms() + 5000;
    while (atomic_load(&w->refused) == before && cb_clock_monotonic_ms() < until) {
        pause_ms(5);
    }
    return atomic_load(&w->refused) > before;
}

static void trouble(struct world *w, struct cb_revocation *r)
{
    for (int round = 0; round < ROUNDS; round++) {
        put_list(w, false);
        need(!CB_FAILED(cb_revocation_follow(r, &w->config, w->trust, NULL)), "follow");
        pause_ms(40);
    }
    atomic_store(&w->revoked, true);
    put_list(w, true);
    need(becomes_refused(w), "the revoked certificate is still accepted");
}

int main(void)
{
    struct world w;
    struct cb_revocation *r = NULL;
    pthread_t threads[THREADS];
    world_init(&w);
    const struct cb_revocation_options o = {
        .cache_folder = w.cache_path,
        .net = { .ctx = &w, .fetch = fetch, .stop = stop_net },
        .owner = { .ctx = &w, .publish = publish },
    };
    need(!CB_FAILED(cb_revocation_start(&o, &r, NULL)), "start");
    need(!CB_FAILED(cb_revocation_follow(r, &w.config, w.trust, NULL)), "follow");
    for (int i = 0; i < THREADS; i++) {
        need(pthread_create(&threads[i], NULL, ask, &w) == 0, "thread");
    }
    trouble(&w, r);
    cb_revocation_stop(r); /* while they still ask */
    pause_ms(20);
    atomic_store(&w.stop, true);
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    (void)printf("%d good, %d answered, %d refused, %d wrong, %d fetches, %llu views\n", atomic_load(&w.good),
                 atomic_load(&w.answered), atomic_load(&w.refused), atomic_load(&w.wrong),
                 atomic_load(&w.fetches), (unsigned long long)w.generation);
    const bool failed =
        atomic_load(&w.wrong) != 0 || atomic_load(&w.good) == 0 || atomic_load(&w.answered) == 0;
    world_done(&w);
    return failed;
}
