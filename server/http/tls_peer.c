#include "http/tls_peer.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"

/* RFC 9325 section 4.2: TLS 1.3, and of TLS 1.2 the four ECDHE AES-GCM suites; no renegotiation. GnuTLS
 * cannot give CHACHA20 to TLS 1.3 alone, so a TLS 1.2 hello is answered from a second list. */
#define COMMON_PRIORITIES                                                                                    \
    ":+ECDHE-ECDSA:+ECDHE-RSA:+AEAD:+COMP-NULL:+CTYPE-X509"                                                  \
    ":+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1"                                                       \
    ":+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-ECDSA-SECP521R1-SHA512"                \
    ":+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SHA512:+SIGN-EDDSA-ED25519"                          \
    ":+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-PSS-RSAE-SHA512"                         \
    ":+SIGN-RSA-PSS-SHA256:+SIGN-RSA-PSS-SHA384:+SIGN-RSA-PSS-SHA512"                                        \
    ":+SIGN-RSA-SHA256:+SIGN-RSA-SHA384:+SIGN-RSA-SHA512"                                                    \
    ":%SERVER_PRECEDENCE"
/* RFC 5746 is for TLS 1.2: who speaks 1.3 alone does not send its signal, and must not be refused for that.
 */
static const char priorities[] =
    "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305" COMMON_PRIORITIES
    ":%PARTIAL_RENEGOTIATION";
static const char priorities_tls12[] =
    "NONE:+VERS-TLS1.2:+AES-128-GCM:+AES-256-GCM" COMMON_PRIORITIES ":%SAFE_RENEGOTIATION";

enum {
    TRANSPORT_PARTS = 64,     /* GnuTLS gives fewer; more would be sent by its next call */
    TICKET_LIFETIME_S = 3600, /* GnuTLS derives a new ticket key from the master every three of these */
    TICKET_MASTER_LIFETIME_MS = 86400000, /* and a master lives a day: older tickets mean a full handshake */
};

struct cb_tls {
    bool ask_certificate;
    gnutls_priority_t tls12;
    pthread_mutex_t lock; /* of the master and its end */
    gnutls_datum_t ticket_master;
    int64_t ticket_master_until_ms;
};

struct cb_tls_credentials {
    atomic_uint references;
    gnutls_certificate_credentials_t x509;
};

/* --- credentials --- */

/* GnuTLS takes a pointer without const and only reads. */
static gnutls_datum_t datum_of(struct cb_str s)
{
    const union {
        const char *from;
        unsigned char *to;
    } p = { .from = s.p };
    return (gnutls_datum_t){ .data = p.to, .size = (unsigned)s.n };
}

static bool holds(struct cb_str text, const char *word)
{
    return text.n > 0 && memmem(text.p, text.n, word, strlen(word)) != NULL;
}

/* GnuTLS says neither which of the two files it means nor what it misses in it. */
static cb_status check_pem(const char *certificate, struct cb_str chain, const char *private_key,
                           struct cb_str key, struct cb_err *err)
{
    CB_ENSURE(holds(chain, "CERTIFICATE-----"), CB_E_KEY_FILE, "%.180s holds no certificate in PEM",
              certificate);
    CB_ENSURE(holds(key, "PRIVATE KEY-----"), CB_E_KEY_FILE, "%.180s holds no private key in PEM",
              private_key);
    CB_ENSURE(!holds(key, "ENCRYPTED"), CB_E_KEY_FILE,
              "%.120s is encrypted, and nobody is there to ask: `openssl pkey` writes it in the clear",
              private_key);
    return CB_OK;
}

static cb_status load_into(struct cb_tls_credentials *c, const char *certificate, const char *private_key,
                           struct cb_err *err)
{
    CB_AUTO(cb_arena_done) struct cb_arena a;
    cb_arena_init(&a, CB_LIMIT_PEM_FILE + CB_LIMIT_SECRET_FILE + CB_KIB);
    struct cb_str chain = { 0 };
    struct cb_str key = { 0 };
    CB_TRY(cb_file_read(&a, certificate, CB_LIMIT_PEM_FILE, &chain, err));
    CB_TRY(cb_file_read_secret(&a, private_key, CB_LIMIT_SECRET_FILE, &key, err));
    CB_TRY(check_pem(certificate, chain, private_key, key, err));

    CB_ENSURE(gnutls_certificate_allocate_credentials(&c->x509) == GNUTLS_E_SUCCESS, CB_E_MEMORY,
              "TLS credentials");
    const gnutls_datum_t chain_pem = datum_of(chain);
    const gnutls_datum_t key_pem = datum_of(key);
    const int rc =
        gnutls_certificate_set_x509_key_mem2(c->x509, &chain_pem, &key_pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    CB_ENSURE(rc >= 0, CB_E_KEY_FILE, "%s and %s: %s", certificate, private_key, gnutls_strerror(rc));
    return CB_OK;
}

cb_status cb_tls_credentials_load(const char *certificate, const char *private_key,
                                  struct cb_tls_credentials **out, struct cb_err *err)
{
    struct cb_tls_credentials *c = calloc(1, sizeof *c);
    CB_ENSURE(c != NULL, CB_E_MEMORY, "TLS credentials");
    atomic_init(&c->references, 1);
    if (CB_FAILED(load_into(c, certificate, private_key, err))) {
        cb_tls_credentials_unref(c);
        return CB_FAIL;
    }
    *out = c;
    return CB_OK;
}

struct cb_tls_credentials *cb_tls_credentials_ref(struct cb_tls_credentials *c)
{
    atomic_fetch_add_explicit(&c->references, 1, memory_order_relaxed);
    return c;
}

void cb_tls_credentials_unref(struct cb_tls_credentials *c)
{
    if (c != NULL && atomic_fetch_sub_explicit(&c->references, 1, memory_order_acq_rel) == 1) {
        gnutls_certificate_free_credentials(c->x509);
        free(c);
    }
}

/* --- one listener --- */

const char *cb_tls_priorities(void)
{
    return priorities;
}

cb_status cb_tls_new(bool ask_certificate, struct cb_tls **out, struct cb_err *err)
{
    struct cb_tls *t = calloc(1, sizeof *t);
    CB_ENSURE(t != NULL, CB_E_MEMORY, "TLS of a listener");
    t->ask_certificate = ask_certificate;
    (void)pthread_mutex_init(&t->lock, NULL);
    const char *where = "";
    const int rc = gnutls_priority_init(&t->tls12, priorities_tls12, &where);
    if (rc != GNUTLS_E_SUCCESS) {
        cb_tls_free(t);
        CB_REFUSE(CB_E_INTERNAL, "TLS priorities: %s at \"%s\"", gnutls_strerror(rc), where);
    }
    *out = t;
    return CB_OK;
}

static void forget_master(struct cb_tls *t)
{
    gnutls_memset(t->ticket_master.data, 0, t->ticket_master.size);
    gnutls_free(t->ticket_master.data);
    t->ticket_master = (gnutls_datum_t){ 0 };
}

void cb_tls_free(struct cb_tls *t)
{
    if (t == NULL) {
        return;
    }
    if (t->ticket_master.data != NULL) {
        forget_master(t);
    }
    if (t->tls12 != NULL) {
        gnutls_priority_deinit(t->tls12);
    }
    (void)pthread_mutex_destroy(&t->lock);
    free(t);
}

/* --- transport --- */

static _Thread_local bool moved, blocked;

void cb_tls_watch(void)
{
    moved = blocked = false;
}

bool cb_tls_stalled(void)
{
    return blocked && !moved;
}

void cb_tls_moved(void)
{
    moved = true;
}

static ssize_t seen(ssize_t n)
{
    const bool would_block = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    moved = moved || !would_block;
    blocked = blocked || would_block;
    return n;
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *data, size_t n)
{
    struct cb_tls_session *s = ptr;
    if (s->before != NULL) {
        const ssize_t got = s->before(s->before_ctx, s->fd);
        if (got <= 0) {
            return seen(got);
        }
        cb_tls_moved();
        s->before = NULL;
    }
    return seen(recv(s->fd, data, n, 0));
}

void cb_tls_expect_before(struct cb_tls_session *s, cb_tls_before before, void *ctx)
{
    s->before = before;
    s->before_ctx = ctx;
}

void cb_tls_hold(struct cb_tls_session *s)
{
    s->hold = s->session != NULL;
}

/* Nothing goes out yet: true when the record was kept for the next one. */
static bool held_back(struct cb_tls_session *s, const giovec_t *parts, int count, size_t n)
{
    const bool keep = s->hold && s->held_n == 0 && n <= sizeof s->held;
    s->hold = false;
    for (int i = 0; keep && i < count; i++) {
        memcpy(s->held + s->held_n, parts[i].iov_base, parts[i].iov_len);
        s->held_n += parts[i].iov_len;
    }
    return keep;
}

/* What was held stands first. Of what was sent, the part that is the caller's. */
static ssize_t send_all(struct cb_tls_session *s, const giovec_t *parts, int count)
{
    struct iovec iov[TRANSPORT_PARTS];
    iov[0] = (struct iovec){ .iov_base = s->held, .iov_len = s->held_n };
    int used = 1;
    for (int i = 0; i < count && used < TRANSPORT_PARTS; i++) {
        iov[used++] = (struct iovec){ .iov_base = parts[i].iov_base, .iov_len = parts[i].iov_len };
    }
    const struct msghdr message = { .msg_iov = iov, .msg_iovlen = (size_t)used };
    const ssize_t sent = sendmsg(s->fd, &message, MSG_NOSIGNAL);
    if (sent < 0) {
        return sent;
    }
    const size_t of_held = (size_t)sent < s->held_n ? (size_t)sent : s->held_n;
    memmove(s->held, s->held + of_held, s->held_n - of_held);
    s->held_n -= of_held;
    if (s->held_n > 0 || (of_held > 0 && (size_t)sent == of_held)) {
        errno = EAGAIN;
        return -1;
    }
    return sent - (ssize_t)of_held;
}

static ssize_t push(gnutls_transport_ptr_t ptr, const giovec_t *parts, int count)
{
    struct cb_tls_session *s = ptr;
    size_t n = 0;
    for (int i = 0; i < count; i++) {
        n += parts[i].iov_len;
    }
    return seen(held_back(s, parts, count, n) ? (ssize_t)n : send_all(s, parts, count));
}

/* --- one session --- */

static int refuse(gnutls_session_t session, const gnutls_datum_t *issuers, int issuer_count,
                  const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **certificate,
                  unsigned int *certificate_length, gnutls_privkey_t *key)
{
    (void)session, (void)issuers, (void)issuer_count, (void)algorithms, (void)algorithm_count;
    *certificate = NULL;
    *certificate_length = 0;
    *key = NULL;
    return -1;
}

cb_tls_callback cb_tls_no_certificate(void)
{
    return (cb_tls_callback)refuse;
}

/* The version is known, the suite is not chosen yet. */
static int after_client_hello(gnutls_session_t session)
{
    const struct cb_tls_session *s = gnutls_db_get_ptr(session);
    if (gnutls_protocol_get_version(session) != GNUTLS_TLS1_2) {
        return GNUTLS_E_SUCCESS;
    }
    /* Here the ticket that we send counts too. */
    gnutls_handshake_set_max_packet_length(session, 2 * CB_LIMIT_HANDSHAKE);
    return gnutls_priority_set(session, s->tls->tls12);
}

/* Either side's Finished; which comes last depends on version and resumption. */
static int after_finished(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                          const gnutls_datum_t *message)
{
    (void)type, (void)when, (void)message;
    struct cb_tls_session *s = gnutls_db_get_ptr(session);
    s->received_finished = s->received_finished || incoming != 0;
    s->sent_finished = s->sent_finished || incoming == 0;
    return GNUTLS_E_SUCCESS;
}

/* Called with the lock held. */
static int fresh_master(struct cb_tls *t)
{
    const int64_t now_ms = cb_clock_monotonic_ms();
    if (t->ticket_master.data != NULL && now_ms < t->ticket_master_until_ms) {
        return GNUTLS_E_SUCCESS;
    }
    gnutls_datum_t fresh = { 0 };
    const int rc = gnutls_session_ticket_key_generate(&fresh);
    if (rc != GNUTLS_E_SUCCESS) {
        return rc;
    }
    if (t->ticket_master.data != NULL) {
        forget_master(t);
    }
    t->ticket_master = fresh;
    t->ticket_master_until_ms = now_ms + TICKET_MASTER_LIFETIME_MS;
    return GNUTLS_E_SUCCESS;
}

static int enable_tickets(struct cb_tls *t, gnutls_session_t session)
{
    (void)pthread_mutex_lock(&t->lock);
    int rc = fresh_master(t);
    if (rc == GNUTLS_E_SUCCESS) {
        rc = gnutls_session_ticket_enable_server(session, &t->ticket_master);
    }
    (void)pthread_mutex_unlock(&t->lock);
    return rc;
}

cb_status cb_tls_session_init(struct cb_tls_session *s, struct cb_tls *t, void *session,
                              const struct cb_tls_credentials *credentials, struct cb_err *err)
{
    *s = (struct cb_tls_session){ .tls = t, .session = session, .fd = gnutls_transport_get_int(session) };
    CB_ENSURE(s->fd > 0, CB_E_INTERNAL, "the TLS session has no socket yet");
    /* No session data base is used; its pointer is the one that the HTTP library leaves to us. */
    gnutls_db_set_ptr(session, s);
    gnutls_transport_set_ptr(session, s);
    gnutls_transport_set_pull_function(session, pull);
    gnutls_transport_set_vec_push_function(session, push);
    gnutls_db_set_cache_expiration(session, TICKET_LIFETIME_S);
    gnutls_handshake_set_max_packet_length(session, CB_LIMIT_HANDSHAKE);
    gnutls_handshake_set_post_client_hello_function(session, after_client_hello);
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST, after_finished);

    int rc = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials->x509);
    CB_ENSURE(rc == GNUTLS_E_SUCCESS, CB_E_INTERNAL, "TLS credentials: %s", gnutls_strerror(rc));
    rc = enable_tickets(t, session);
    CB_ENSURE(rc == GNUTLS_E_SUCCESS, CB_E_INTERNAL, "TLS tickets: %s", gnutls_strerror(rc));
    if (t->ask_certificate) {
        /* Asked, not required: who sends none gets an OAuth error. No CA names: self-signed clients and Java
         * key managers then send what they have. */
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
        gnutls_certificate_send_x509_rdn_sequence(session, 1);
    }
    return CB_OK;
}

size_t cb_tls_peer_chain(const struct cb_tls_session *s, struct cb_str *out_ders, size_t max)
{
    unsigned count = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(s->session, &count);
    size_t n = 0;
    for (; chain != NULL && n < count && n < max; n++) {
        out_ders[n] = (struct cb_str){ (const char *)chain[n].data, chain[n].size };
    }
    return n;
}
