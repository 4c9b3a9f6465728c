#include "api.h"

#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { THREADS = 2, CONNECTION_MEMORY = 64 * 1024, TIMEOUT_S = 30, HOST_MOST = 256 };

/* What is protected, and the scope that opens it. */
static const struct resource {
    const char *path, *scope, *challenge;
} resources[] = {
    { "/accounts", "accounts", "Bearer error=\"insufficient_scope\", scope=\"accounts\"" },
    { "/payments", "payments", "Bearer error=\"insufficient_scope\", scope=\"payments\"" },
};

/* --- the request --- */

struct credentials {
    unsigned headers;
    const char *value;
    size_t n;
};

static enum MHD_Result see_header(void *to, enum MHD_ValueKind kind, const char *name, size_t name_n,
                                  const char *value, size_t n)
{
    struct credentials *c = to;
    (void)kind;
    if (name_n == strlen("Authorization") && strncasecmp(name, "Authorization", name_n) == 0) {
        c->headers++;
        c->value = value;
        c->n = n;
    }
    return MHD_YES;
}

/* The certificate of this TLS connection as it was received: DER, never from a header. */
static gnutls_datum_t peer_certificate(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *tls =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    unsigned count = 0;
    const gnutls_datum_t *list = tls == NULL ? NULL : gnutls_certificate_get_peers(tls->tls_session, &count);
    return list == NULL || count == 0 ? (gnutls_datum_t){ 0 } : list[0];
}

static certbound_claims *authorize(struct api *api, struct MHD_Connection *connection, certbound_code *why)
{
    struct credentials c = { 0 };
    const char *token = NULL;
    size_t n = 0;
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, see_header, &c);
    *why =
        c.headers > 1 ? CERTBOUND_E_CREDENTIALS_MALFORMED : certbound_bearer_token(c.value, c.n, &token, &n);
    if (*why != CERTBOUND_OK) {
        return NULL;
    }
    const gnutls_datum_t der = peer_certificate(connection);
    certbound_claims *claims = certbound_verify(api->verifier, token, n, der.data, der.size, time(NULL), why);
    if (*why == CERTBOUND_E_KID_UNKNOWN && keys_refresh(api->keys)) { /* the issuer may have a new key */
        claims = certbound_verify(api->verifier, token, n, der.data, der.size, time(NULL), why);
    }
    return claims;
}

/* --- the reply --- */

static enum MHD_Result reply(struct MHD_Connection *connection, int status, const char *challenge, char *body)
{
    struct MHD_Response *r = body == NULL
                                 ? MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT)
                                 : MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_MUST_FREE);
    if (r == NULL) {
        free(body);
        return MHD_NO;
    }
    (void)MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (body != NULL) {
        (void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    }
    if (challenge != NULL) {
        (void)MHD_add_response_header(r, MHD_HTTP_HEADER_WWW_AUTHENTICATE, challenge);
    }
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        (void)MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_GET);
    }
    const enum MHD_Result queued = MHD_queue_response(connection, (unsigned)status, r);
    MHD_destroy_response(r);
    return queued;
}

static void put_string(FILE *f, const char *s)
{
    (void)fputc('"', f);
    for (; *s != '\0'; s++) {
        const unsigned char c = (unsigned char)*s;
        if (c < ' ') {
            (void)fprintf(f, "\\u%04x", (unsigned)c);
        } else {
            (void)fprintf(f, c == '"' || c == '\\' ? "\\%c" : "%c", c);
        }
    }
    (void)fputc('"', f);
}

/* Only reached with claims in hand: who is asking is beyond doubt. */
static enum MHD_Result serve(struct MHD_Connection *connection, const certbound_claims *claims)
{
    char *body = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&body, &n);
    if (f == NULL) {
        return MHD_NO;
    }
    (void)fputs("{\"subject\":", f);
    put_string(f, certbound_claims_subject(claims));
    (void)fputs(",\"client_id\":", f);
    put_string(f, certbound_claims_client_id(claims));
    (void)fputs(",\"scope\":", f);
    put_string(f, certbound_claims_scope(claims));
    (void)fputs("}\n", f);
    if (fclose(f) != 0) {
        free(body);
        return MHD_NO;
    }
    return reply(connection, MHD_HTTP_OK, NULL, body);
}

static enum MHD_Result protect(struct api *api, struct MHD_Connection *connection,
                               const struct resource *resource)
{
    certbound_code why = CERTBOUND_E_INTERNAL;
    certbound_claims *claims = authorize(api, connection, &why);
    if (claims == NULL) {
        (void)fprintf(stderr, "%s refused: %s\n", resource->path,
                      certbound_code_name(why)); /* never the token */
        return reply(connection, certbound_code_status(why), certbound_code_www_authenticate(why), NULL);
    }
    const enum MHD_Result done = certbound_claims_has_scope(claims, resource->scope)
                                     ? serve(connection, claims)
                                     : reply(connection, MHD_HTTP_FORBIDDEN, resource->challenge, NULL);
    certbound_claims_free(claims);
    return done;
}

static enum MHD_Result handle(void *argument, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *upload, size_t *upload_n,
                              void **state)
{
    (void)version, (void)upload, (void)state;
    *upload_n = 0; /* no resource takes a body */
    for (size_t i = 0; i < sizeof resources / sizeof resources[0]; i++) {
        if (strcmp(path, resources[i].path) == 0) {
            return strcmp(method, MHD_HTTP_METHOD_GET) == 0
                       ? protect(argument, connection, &resources[i])
                       : reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, NULL, NULL);
        }
    }
    return reply(connection, MHD_HTTP_NOT_FOUND, NULL, NULL);
}

/* --- the listener --- */

/* Before the handshake: ask for a certificate, require none, and name no authorities. The thumbprint in the
 * token says which certificate counts, so that no authority need be checked: RFC 8705 section 6.2. A client
 * without one gets an answer in HTTP instead of a broken handshake. */
static void ask_for_certificate(void *argument, struct MHD_Connection *connection, void **state,
                                enum MHD_ConnectionNotificationCode what)
{
    (void)argument, (void)state;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *tls =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
        gnutls_certificate_server_set_request(tls->tls_session, GNUTLS_CERT_REQUEST);
        gnutls_certificate_send_x509_rdn_sequence(tls->tls_session, 1);
    }
}

static struct addrinfo *resolve(const char *listen)
{
    char host[HOST_MOST];
    const char *port = strrchr(listen, ':');
    if (port == NULL || (size_t)(port - listen) >= sizeof host) {
        return NULL;
    }
    const bool bracketed = listen[0] == '[' && port[-1] == ']';
    const size_t n = (size_t)(port - listen) - (bracketed ? 2 : 0);
    memcpy(host, listen + (bracketed ? 1 : 0), n);
    host[n] = '\0';
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    return getaddrinfo(n == 0 ? NULL : host, port + 1, &hints, &found) == 0 ? found : NULL;
}

static struct MHD_Daemon *start(struct api *api, const struct addrinfo *address, const char *chain,
                                const char *key)
{
    const unsigned flags =
        MHD_USE_TLS | MHD_USE_EPOLL_INTERNAL_THREAD | (address->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    return MHD_start_daemon(flags, 0, NULL, NULL, handle, api, MHD_OPTION_SOCK_ADDR, address->ai_addr, /* */
                            MHD_OPTION_HTTPS_MEM_CERT, chain, MHD_OPTION_HTTPS_MEM_KEY, key,           /* */
                            MHD_OPTION_HTTPS_PRIORITIES, "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2",
                            MHD_OPTION_NOTIFY_CONNECTION, ask_for_certificate, NULL,       /* */
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, /* */
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,            /* */
                            MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS, MHD_OPTION_END);
}

static char *read_pem(const char *path)
{
    gnutls_datum_t pem = { 0 };
    const int rc = gnutls_load_file(path, &pem); /* ends in NUL */
    if (rc != GNUTLS_E_SUCCESS) {
        (void)fprintf(stderr, "%s: %s\n", path, gnutls_strerror(rc));
        return NULL;
    }
    return (char *)pem.data;
}

struct MHD_Daemon *api_start(struct api *api, const char *listen, const char *certificate,
                             const char *private_key)
{
    struct MHD_Daemon *daemon = NULL;
    struct addrinfo *address = resolve(listen);
    char *chain = read_pem(certificate);
    char *key = read_pem(private_key);
    if (address == NULL) {
        (void)fprintf(stderr, "%s: not an address to listen on\n", listen);
    } else if (chain != NULL && key != NULL) {
        daemon = start(api, address, chain, key);
        if (daemon == NULL) {
            (void)fprintf(stderr, "%s: cannot listen, or certificate and key do not fit\n", listen);
        }
    }
    if (address != NULL) {
        freeaddrinfo(address);
    }
    gnutls_free(chain);
    if (key != NULL) {
        gnutls_memset(key, 0, strlen(key));
    }
    gnutls_free(key);
    return daemon;
}

void api_stop(struct MHD_Daemon *daemon)
{
    MHD_stop_daemon(daemon);
}
