/* The configuration as the program uses it: made once from the YAML file, immutable, swapped whole on reload.
 */
#ifndef CB_CONFIG_H
#define CB_CONFIG_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum cb_listener_id {
    CB_LISTENER_PUBLIC,
    CB_LISTENER_MTLS,
    CB_LISTENER_ADMIN,
    CB_LISTENER_OPS,
    CB_LISTENER__MAX
};

/* What stands in front of the mtls listener, and who is believed to be it. */
struct cb_config_proxy {
    const char **addresses; /* CIDR; who may speak for others */
    size_t address_count;
    const char *trust_group;        /* or whose certificate of this group says so; NULL: none */
    const char *protocol;           /* "none", "v2": PROXY protocol, before TLS */
    const char *certificate_header; /* "none", "rfc9440", "nginx", "haproxy", "envoy", "traefik" */
    const char *header;             /* its name; NULL: the usual one of that form */
    const char *chain_header;       /* likewise, where the form has one */
};

struct cb_config_listener {
    const char *address;     /* "HOST:PORT", "[IPv6]:PORT", mtls also "unix:PATH"; NULL: off */
    const char *certificate; /* PEM: leaf, then its intermediates. NULL: plain HTTP (ops, behind a proxy) */
    const char *private_key; /* PEM, a secret file */
    const char *url;         /* what partners use to reach it, no slash at the end; public and mtls */
    const char *trust_group; /* admin: whose certificates administrators have */
    struct cb_config_proxy proxy; /* mtls */
};

struct cb_config_resource {
    const char *identifier; /* RFC 8707 resource, the token's aud */
    const char **scopes;
    size_t scope_count;
};

struct cb_config_revocation {
    const char *check; /* "off", "crl", "ocsp", "both" */
    const char **crls; /* files and URLs */
    size_t crl_count;
    bool distribution_points;   /* also the lists that the certificates name */
    const char *ocsp_responder; /* NULL: the one that the certificate names */
    int64_t grace_s;            /* accepted without a fresh answer for this long; 0: not at all */
};

struct cb_config_trust_group {
    const char *name;
    const char *anchors;       /* PEM bundle, or a folder of them */
    const char *intermediates; /* likewise; NULL: whichever the partner sends */
    int64_t depth;             /* CAs between a leaf and its anchor */
    const char *profile;       /* "plain", "psd2", "obuk", "ofbr" */
    const char **extended_key_usage;
    size_t extended_key_usage_count;
    int64_t min_rsa_bits, min_ec_bits;
    const char **signature_algorithms; /* none: all that are good enough */
    size_t signature_algorithm_count;
    int64_t max_validity_s; /* of a leaf; 0: any */
    struct cb_config_revocation revocation;
};

/* What a role, of a certificate or of a software statement, allows. */
struct cb_config_role {
    const char *role;
    const char **scopes;
    size_t scope_count;
};

/* Who vouches for partners that register themselves. */
struct cb_config_directory {
    const char *name;
    const char *issuer;  /* `iss` of its software statements */
    const char *jwks;    /* file or https URL */
    const char *profile; /* "generic", "obuk", "ofbr" */
    const char *trust_group;
    int64_t statement_max_age_s; /* since `iat`; 0: any */
    bool suspend_expired;
};

struct cb_config_administrator {
    const char *subject; /* DN of the certificate */
    const char *role;    /* "read", "write" */
};

/* Where the server itself may connect to. */
struct cb_config_outbound {
    const char **allowed_addresses; /* CIDR, private ones too */
    size_t allowed_address_count;
    const char **plain_http; /* hosts; for what is signed itself: CRL, OCSP */
    size_t plain_http_count;
    const char *ca_file; /* NULL: the system's */
    int64_t timeout_s;
    const char *cache_folder; /* NULL: what is fetched is held in memory alone */
};

struct cb_config {
    const char *path; /* where it was read from */
    const char *issuer;
    struct cb_config_listener listeners[CB_LISTENER__MAX];
    const char *store;
    const char *key_encryption_key; /* file, a secret */
    const char *signing_algorithm;  /* "ES256" */
    int64_t publish_ahead_s;        /* a rotated key is published this long before it signs */
    int64_t token_lifetime_s;
    struct cb_config_resource *resources;
    size_t resource_count;
    const char *default_resource; /* one of the identifiers */
    struct cb_config_trust_group *trust_groups;
    size_t trust_group_count;
    struct cb_config_role *roles;
    size_t role_count;
    struct cb_config_directory *directories;
    size_t directory_count;
    const char **audiences; /* of a signed registration request, beside the issuer */
    size_t audience_count;
    int64_t jwks_refresh_s;
    struct cb_config_administrator *administrators;
    size_t administrator_count;
    struct cb_config_outbound outbound;
    const char *expiry_webhook; /* NULL: none */
    int64_t threads;            /* worker threads of each TLS listener; 0: one per processor */
    int64_t max_connections;    /* of each listener */
    int64_t max_connections_per_address;
    int64_t handshake_timeout_s; /* from accept to the first request line */
    int64_t header_timeout_s;    /* from request line to the end of the header */
    int64_t body_timeout_s;      /* from the end of the header to the end of the body */
    int64_t idle_timeout_s;      /* between requests on one connection */
    int64_t shutdown_timeout_s;  /* requests under way may take this long after SIGTERM */
    const char *log_level;       /* "debug", "info", "warning", "error" */
};

/* Reads and checks the file. All problems are reported at once, one a line in `problems` as "FILE:LINE:
 * text", sorted by line; any problem makes it fail with CB_E_CONFIG. Relative paths are relative to the
 * file's folder. Everything lives in the arena. Does not open certificates, keys or the store. */
CB_MUST cb_config_load(struct cb_arena *a, const char *path, struct cb_config **out, struct cb_buf *problems,
                       struct cb_err *err);

/* The same for bytes that were read already; `path` is for messages and relative paths. */
CB_MUST cb_config_parse(struct cb_arena *a, const char *path, struct cb_str bytes, struct cb_config **out,
                        struct cb_buf *problems, struct cb_err *err);

/* What is allowed and surely not meant, one a line. */
void cb_config_warnings(const struct cb_config *c, struct cb_buf *out);

/* The keys whose change needs a restart and that differ between the two, comma-separated; empty when none
 * does. */
void cb_config_restart_needed(const struct cb_config *old, const struct cb_config *fresh, struct cb_buf *out);

/* The effective configuration with defaults, as YAML or JSON; paths of secrets are shown, secrets never. */
void cb_config_print(const struct cb_config *c, bool json, struct cb_buf *out);

/* The reference table of docs/configuration.md, from the same key table that parses. */
void cb_config_print_reference(struct cb_buf *out);

#endif
