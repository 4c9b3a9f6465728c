#include "config/schema.h"

#include "config/shape.h"

#define FIELD(member)        .offset = offsetof(struct cb_config, member)
#define LISTENER(id, member) FIELD(listeners[CB_LISTENER_##id].member)
#define ENTRY(type, member)  .offset = offsetof(struct cb_config_##type, member)
#define LIST(type, items, many)                                                                              \
    FIELD(items), .count_offset = offsetof(struct cb_config, many),                                          \
                  .entry_size = sizeof(struct cb_config_##type)
#define WORDS(items, many) FIELD(items), .count_offset = offsetof(struct cb_config, many)
#define ENTRY_WORDS(type, items, many)                                                                       \
    ENTRY(type, items), .count_offset = offsetof(struct cb_config_##type, many)
#define MINUTES(n) ((n)*INT64_C(60))
#define HOURS(n)   ((n)*INT64_C(3600))
#define DAYS(n)    HOURS(INT64_C(24) * (n))

/* clang-format off */
const struct cb_key cb_keys[] = {
    { "issuer", CB_KEY_TEXT, .required = true, .wrong = cb_wrong_issuer, FIELD(issuer),
      .doc = "Issuer identifier, an https URL without a slash at the end; the `iss` of every token" },

    { "listeners", CB_KEY_SECTION, .required = true, .doc = "Where the server accepts connections" },
    { "listeners.public", CB_KEY_SECTION, .required = true,
      .doc = "Metadata and JWK set, for everybody; no client certificate is asked for" },
    { "listeners.public.address", CB_KEY_TEXT, .required = true, .wrong = cb_wrong_address, LISTENER(PUBLIC, address),
      .doc = "`HOST:PORT`, with an IPv6 address in brackets" },
    { "listeners.public.certificate", CB_KEY_PATH, .required = true, .reloadable = true, LISTENER(PUBLIC, certificate),
      .doc = "PEM file: the server's certificate, then its intermediates" },
    { "listeners.public.private_key", CB_KEY_PATH, .required = true, .reloadable = true, LISTENER(PUBLIC, private_key),
      .doc = "PEM file with its private key; mode 0600" },
    { "listeners.public.url", CB_KEY_TEXT, .wrong = cb_wrong_origin, LISTENER(PUBLIC, url),
      .doc = "How partners reach it, without a path; left out: scheme, host and port of the issuer" },
    { "listeners.mtls", CB_KEY_SECTION, .required = true,
      .doc = "The endpoints that partners authenticate at with their certificate" },
    { "listeners.mtls.address", CB_KEY_TEXT, .required = true, .wrong = cb_wrong_address_or_socket,
      LISTENER(MTLS, address), .doc = "`HOST:PORT`, with an IPv6 address in brackets; or `unix:/PATH`, for a proxy" },
    { "listeners.mtls.certificate", CB_KEY_PATH, .reloadable = true, LISTENER(MTLS, certificate),
      .doc = "PEM file: the server's certificate, then its intermediates; left out, with the key: plain HTTP, only behind a proxy that ends TLS" },
    { "listeners.mtls.private_key", CB_KEY_PATH, .reloadable = true, LISTENER(MTLS, private_key),
      .doc = "PEM file with its private key; mode 0600" },
    { "listeners.mtls.url", CB_KEY_TEXT, .required = true, .wrong = cb_wrong_origin, LISTENER(MTLS, url),
      .doc = "How partners reach it, without a path; the metadata names its endpoints under this URL" },
    { "listeners.mtls.proxy", CB_KEY_SECTION, .doc = "A load balancer in front of this listener" },
    { "listeners.mtls.proxy.addresses", CB_KEY_WORDS, .max = 256, .wrong = cb_wrong_network,
      LISTENER(MTLS, proxy.addresses), .count_offset = offsetof(struct cb_config, listeners[CB_LISTENER_MTLS].proxy.address_count),
      .doc = "Its addresses or networks, `10.0.0.5` or `10.1.0.0/16`; nobody else may speak for a partner" },
    { "listeners.mtls.proxy.trust_group", CB_KEY_TEXT, .wrong = cb_wrong_name, LISTENER(MTLS, proxy.trust_group),
      .doc = "Or: it presents a certificate of this trust group, which is nobody else's" },
    { "listeners.mtls.proxy.protocol", CB_KEY_CHOICE, .fallback = "none", .choices = "none|v2", LISTENER(MTLS, proxy.protocol),
      .doc = "It passes TLS through and begins each connection with a PROXY protocol header of this version" },
    { "listeners.mtls.proxy.certificate_header", CB_KEY_CHOICE, .fallback = "none",
      .choices = "none|rfc9440|nginx|haproxy|envoy|traefik", LISTENER(MTLS, proxy.certificate_header),
      .doc = "It ends TLS and hands the partner's certificate on in a header field of this form" },
    { "listeners.mtls.proxy.header", CB_KEY_TEXT, .wrong = cb_wrong_field_name, LISTENER(MTLS, proxy.header),
      .doc = "The field's name; left out: the usual one of the form" },
    { "listeners.mtls.proxy.chain_header", CB_KEY_TEXT, .wrong = cb_wrong_field_name, LISTENER(MTLS, proxy.chain_header),
      .doc = "The field with the intermediates, where the form has one; left out: the usual one" },
    { "listeners.admin", CB_KEY_SECTION, .doc = "The admin API under `/admin/v1/`; left out: off" },
    { "listeners.admin.address", CB_KEY_TEXT, .required = true, .wrong = cb_wrong_address, LISTENER(ADMIN, address),
      .doc = "`HOST:PORT`, with an IPv6 address in brackets" },
    { "listeners.admin.certificate", CB_KEY_PATH, .required = true, .reloadable = true, LISTENER(ADMIN, certificate),
      .doc = "PEM file: the server's certificate, then its intermediates" },
    { "listeners.admin.private_key", CB_KEY_PATH, .required = true, .reloadable = true, LISTENER(ADMIN, private_key),
      .doc = "PEM file with its private key; mode 0600" },
    { "listeners.admin.trust_group", CB_KEY_TEXT, .required = true, .reloadable = true, .wrong = cb_wrong_name,
      LISTENER(ADMIN, trust_group), .doc = "The trust group of the administrators' certificates, which is nobody else's" },
    { "listeners.ops", CB_KEY_SECTION, .doc = "Plain HTTP for the operator: `/livez`, `/readyz`, `/metrics`" },
    { "listeners.ops.address", CB_KEY_TEXT, .wrong = cb_wrong_address, LISTENER(OPS, address),
      .doc = "`HOST:PORT`; left out: off. Without TLS or login, so keep it on loopback or a private network" },

    { "store", CB_KEY_STORE, .fallback = "sqlite:certbound.db", .wrong = cb_wrong_store, FIELD(store),
      .doc = "`sqlite:PATH`, or a libpq connection URI `postgresql://...` (several hosts allowed)" },

    { "keys", CB_KEY_SECTION, .required = true, .doc = "The keys that sign tokens" },
    { "keys.encryption_key_file", CB_KEY_PATH, .required = true, FIELD(key_encryption_key),
      .doc = "File with 32 bytes in base64 that encrypt the signing keys in the store; mode 0600" },
    { "keys.signing_algorithm", CB_KEY_CHOICE, .reloadable = true, .fallback = "ES256", .choices = "ES256|PS256|EdDSA",
      FIELD(signing_algorithm), .doc = "Algorithm of the next signing key that is made" },
    { "keys.publish_ahead", CB_KEY_DURATION, .reloadable = true, .fallback = "24h", .min = MINUTES(1), .max = HOURS(720),
      FIELD(publish_ahead_s), .doc = "A rotated key stands in the JWK set this long before it signs" },

    { "tokens", CB_KEY_SECTION, .doc = "Access tokens" },
    { "tokens.lifetime", CB_KEY_DURATION, .reloadable = true, .fallback = "300s", .min = 1, .max = MINUTES(15),
      FIELD(token_lifetime_s), .doc = "From `iat` to `exp`" },

    { "resources", CB_KEY_LIST, .required = true, .reloadable = true, .min = 1, .max = 256,
      LIST(resource, resources, resource_count), .doc = "The APIs that tokens are for" },
    { "resources[].identifier", CB_KEY_TEXT, .required = true, .reloadable = true, .wrong = cb_wrong_resource,
      ENTRY(resource, identifier), .doc = "Absolute URI (RFC 8707), the token's `aud`" },
    { "resources[].scopes", CB_KEY_WORDS, .required = true, .reloadable = true, .min = 1, .max = CB_LIMIT_SCOPES,
      .wrong = cb_wrong_scope, ENTRY(resource, scopes), .count_offset = offsetof(struct cb_config_resource, scope_count),
      .doc = "The scopes of this API; a scope belongs to one resource only" },
    { "default_resource", CB_KEY_TEXT, .reloadable = true, .wrong = cb_wrong_resource, FIELD(default_resource),
      .doc = "Used when a request names no resource; may be left out when there is only one" },

    { "trust_groups", CB_KEY_LIST, .reloadable = true, .min = 0, .max = 256,
      LIST(trust_group, trust_groups, trust_group_count), .doc = "Whose certificates authenticate partners" },
    { "trust_groups[].name", CB_KEY_TEXT, .required = true, .reloadable = true, .wrong = cb_wrong_name,
      ENTRY(trust_group, name), .doc = "What registrations call the group: letters, digits, `.`, `_`, `-`" },
    { "trust_groups[].anchors", CB_KEY_PATH, .required = true, .reloadable = true, ENTRY(trust_group, anchors),
      .doc = "The group's certification authorities: a PEM bundle, or a folder of `.pem` and `.crt` files" },
    { "trust_groups[].intermediates", CB_KEY_PATH, .reloadable = true, ENTRY(trust_group, intermediates),
      .doc = "Likewise: only these may stand between a certificate and its anchor, and partners need not send them; left out: any" },
    { "trust_groups[].depth", CB_KEY_INT, .reloadable = true, .fallback = "4", .min = 0, .max = 7, ENTRY(trust_group, depth),
      .doc = "Certification authorities that may stand between a certificate and its anchor" },
    { "trust_groups[].profile", CB_KEY_CHOICE, .reloadable = true, .fallback = "plain", .choices = "plain|psd2|obuk|ofbr",
      ENTRY(trust_group, profile), .doc = "Whose rules the certificates follow: any, eIDAS/PSD2, UK Open Banking, Open Finance Brazil" },
    { "trust_groups[].extended_key_usage", CB_KEY_WORDS, .reloadable = true, .max = 16, .wrong = cb_wrong_key_usage,
      ENTRY_WORDS(trust_group, extended_key_usage, extended_key_usage_count),
      .doc = "What a certificate must be for: `clientAuth`, `serverAuth` or dotted OIDs; left out: clientAuth, if it says anything" },
    { "trust_groups[].min_rsa_bits", CB_KEY_INT, .reloadable = true, .fallback = "2048", .min = 2048, .max = 16384,
      ENTRY(trust_group, min_rsa_bits), .doc = "The shortest RSA key in a chain" },
    { "trust_groups[].min_ec_bits", CB_KEY_INT, .reloadable = true, .fallback = "256", .min = 256, .max = 521,
      ENTRY(trust_group, min_ec_bits), .doc = "The shortest elliptic curve key in a chain" },
    { "trust_groups[].signature_algorithms", CB_KEY_WORDS, .reloadable = true, .max = 32, .wrong = cb_wrong_name,
      ENTRY_WORDS(trust_group, signature_algorithms, signature_algorithm_count),
      .doc = "How certificates may be signed, such as `ecdsa-with-SHA256`; left out: every way with SHA-256 or better" },
    { "trust_groups[].max_validity", CB_KEY_DURATION, .reloadable = true, .fallback = "0s", .min = 0, .max = DAYS(36500),
      ENTRY(trust_group, max_validity_s), .doc = "The longest time that a partner's certificate may be issued for; 0s: any" },
    { "trust_groups[].revocation", CB_KEY_SECTION, .reloadable = true, .doc = "How revoked certificates are found out" },
    { "trust_groups[].revocation.check", CB_KEY_CHOICE, .reloadable = true, .fallback = "off", .choices = "off|crl|ocsp|both",
      ENTRY(trust_group, revocation.check), .doc = "By lists, by asking the issuer's responder, or by whichever answers" },
    { "trust_groups[].revocation.crls", CB_KEY_WORDS, .reloadable = true, .max = 256, .url_or_path = true,
      ENTRY_WORDS(trust_group, revocation.crls, revocation.crl_count), .doc = "Lists: files and URLs" },
    { "trust_groups[].revocation.distribution_points", CB_KEY_BOOL, .reloadable = true, .fallback = "false",
      ENTRY(trust_group, revocation.distribution_points), .doc = "Also the lists that the certificates name" },
    { "trust_groups[].revocation.ocsp_responder", CB_KEY_TEXT, .reloadable = true, .wrong = cb_wrong_url,
      ENTRY(trust_group, revocation.ocsp_responder), .doc = "Asked instead of the responder that the certificate names" },
    { "trust_groups[].revocation.grace", CB_KEY_DURATION, .reloadable = true, .fallback = "0s", .min = 0, .max = DAYS(30),
      ENTRY(trust_group, revocation.grace_s),
      .doc = "Without a fresh answer a certificate is accepted for this long after the last one ended; 0s: not at all" },

    { "roles", CB_KEY_LIST, .reloadable = true, .max = 64, LIST(role, roles, role_count),
      .doc = "What the roles in certificates and software statements allow" },
    { "roles[].role", CB_KEY_TEXT, .required = true, .reloadable = true, .wrong = cb_wrong_name, ENTRY(role, role),
      .doc = "Such as `PSP_AI`, `AISP` or `DADOS`" },
    { "roles[].scopes", CB_KEY_WORDS, .required = true, .reloadable = true, .min = 1, .max = CB_LIMIT_SCOPES,
      .wrong = cb_wrong_scope, ENTRY_WORDS(role, scopes, scope_count), .doc = "Scopes of `resources`" },

    { "directories", CB_KEY_LIST, .reloadable = true, .max = CB_LIMIT_DIRECTORIES, LIST(directory, directories, directory_count),
      .doc = "Who vouches for partners that register themselves; none: they cannot" },
    { "directories[].name", CB_KEY_TEXT, .required = true, .reloadable = true, .wrong = cb_wrong_name,
      ENTRY(directory, name), .doc = "What clients and logs call it" },
    { "directories[].issuer", CB_KEY_TEXT, .required = true, .reloadable = true, ENTRY(directory, issuer),
      .doc = "`iss` of its software statements" },
    { "directories[].jwks", CB_KEY_TEXT, .required = true, .reloadable = true, .url_or_path = true, .wrong = cb_wrong_source,
      ENTRY(directory, jwks), .doc = "Its keys: a JWK set as a file or https URL" },
    { "directories[].profile", CB_KEY_CHOICE, .reloadable = true, .fallback = "generic", .choices = "generic|obuk|ofbr",
      ENTRY(directory, profile), .doc = "Whose rules a registration follows: RFC 7591 alone, UK Open Banking, Open Finance Brazil" },
    { "directories[].trust_group", CB_KEY_TEXT, .required = true, .reloadable = true, .wrong = cb_wrong_name,
      ENTRY(directory, trust_group), .doc = "The group that its partners' certificates and clients belong to" },
    { "directories[].statement_max_age", CB_KEY_DURATION, .reloadable = true, .fallback = "0s", .min = 0, .max = DAYS(366),
      ENTRY(directory, statement_max_age_s), .doc = "How long after its `iat` a statement may be used; 0s: the profile's own rule" },
    { "directories[].suspend_expired", CB_KEY_BOOL, .reloadable = true, .fallback = "false", ENTRY(directory, suspend_expired),
      .doc = "A client is suspended when the statement it registered with expires" },

    { "registration", CB_KEY_SECTION, .doc = "Dynamic client registration" },
    { "registration.audiences", CB_KEY_WORDS, .reloadable = true, .max = 16, WORDS(audiences, audience_count),
      .doc = "What a signed request may call this server in `aud`, beside the issuer" },
    { "registration.jwks_refresh", CB_KEY_DURATION, .reloadable = true, .fallback = "1h", .min = MINUTES(1), .max = DAYS(7),
      FIELD(jwks_refresh_s), .doc = "How often the `jwks_uri` of clients and directories are read again" },

    { "administrators", CB_KEY_LIST, .reloadable = true, .max = 256, LIST(administrator, administrators, administrator_count),
      .doc = "Who may use the admin listener" },
    { "administrators[].subject", CB_KEY_TEXT, .required = true, .reloadable = true, ENTRY(administrator, subject),
      .doc = "Subject DN of the certificate, in any tool's form" },
    { "administrators[].role", CB_KEY_CHOICE, .reloadable = true, .fallback = "read", .choices = "read|write",
      ENTRY(administrator, role), .doc = "What it may do" },

    { "outbound", CB_KEY_SECTION, .doc = "Where the server itself connects to: key sets, revocation lists, OCSP, the webhook" },
    { "outbound.allowed_addresses", CB_KEY_WORDS, .max = 64, .wrong = cb_wrong_network,
      WORDS(outbound.allowed_addresses, outbound.allowed_address_count),
      .doc = "Private addresses or networks that may be connected to; all others that are not public are refused" },
    { "outbound.plain_http", CB_KEY_WORDS, .max = 256, .wrong = cb_wrong_host,
      WORDS(outbound.plain_http, outbound.plain_http_count),
      .doc = "Hosts whose revocation lists and OCSP answers, which are signed, may come over plain http" },
    { "outbound.ca_file", CB_KEY_PATH, FIELD(outbound.ca_file),
      .doc = "PEM bundle that servers are checked against; left out: the system's" },
    { "outbound.timeout", CB_KEY_DURATION, .fallback = "10s", .min = 1, .max = MINUTES(10), FIELD(outbound.timeout_s),
      .doc = "For one transfer, from name look-up to the last byte" },
    { "outbound.cache_folder", CB_KEY_PATH, FIELD(outbound.cache_folder),
      .doc = "Keeps fetched revocation lists over a restart; left out: in memory alone" },

    { "expiry", CB_KEY_SECTION, .doc = "The watch over certificates that end soon" },
    { "expiry.webhook", CB_KEY_TEXT, .reloadable = true, .wrong = cb_wrong_url, FIELD(expiry_webhook),
      .doc = "https URL that is told at 30, 14, 7 and 1 days; left out: the log alone" },

    { "threads", CB_KEY_INT, .fallback = "0", .min = 0, .max = 256, FIELD(threads),
      .doc = "Worker threads of each TLS listener; 0: one for each processor" },

    { "limits", CB_KEY_SECTION, .doc = "Of each listener" },
    { "limits.connections", CB_KEY_INT, .fallback = "4096", .min = 1, .max = 1000000, FIELD(max_connections),
      .doc = "Connections at one time" },
    { "limits.connections_per_address", CB_KEY_INT, .fallback = "512", .min = 1, .max = 1000000,
      FIELD(max_connections_per_address), .doc = "Connections at one time from one address" },

    { "timeouts", CB_KEY_SECTION, .doc = "How long a peer may take" },
    { "timeouts.handshake", CB_KEY_DURATION, .fallback = "10s", .min = 1, .max = HOURS(1), FIELD(handshake_timeout_s),
      .doc = "From accept to the first request line" },
    { "timeouts.headers", CB_KEY_DURATION, .fallback = "10s", .min = 1, .max = HOURS(1), FIELD(header_timeout_s),
      .doc = "From the request line to the end of the header" },
    { "timeouts.body", CB_KEY_DURATION, .fallback = "10s", .min = 1, .max = HOURS(1), FIELD(body_timeout_s),
      .doc = "From the end of the header to the end of the body" },
    { "timeouts.idle", CB_KEY_DURATION, .fallback = "75s", .min = 1, .max = HOURS(1), FIELD(idle_timeout_s),
      .doc = "Between two requests on one connection" },
    { "timeouts.shutdown", CB_KEY_DURATION, .reloadable = true, .fallback = "20s", .min = 0, .max = HOURS(1),
      FIELD(shutdown_timeout_s), .doc = "Requests under way may take this long after SIGTERM" },

    { "log", CB_KEY_SECTION, .doc = "JSON lines on standard error" },
    { "log.level", CB_KEY_CHOICE, .reloadable = true, .fallback = "info", .choices = "debug|info|warning|error",
      FIELD(log_level), .doc = "The least important events that are written" },
};
/* clang-format on */
_Static_assert(CB_COUNT(cb_keys) == CB_KEY_COUNT, "CB_KEY_COUNT counts the rows");

/* Where the parent's part of the path ends: "a[].b" belongs to "a", "a.b" too. */
static size_t parent_length(const char *path)
{
    const char *dot = strrchr(path, '.');
    if (dot == NULL) {
        return 0;
    }
    return (size_t)(dot - path) - (dot[-1] == ']' ? 2 : 0);
}

const struct cb_key *cb_key_parent(const struct cb_key *key)
{
    const struct cb_str name = { key->path, parent_length(key->path) };
    for (size_t i = cb_key_index(key); name.n > 0 && i-- > 0;) {
        if (cb_str_is(name, cb_keys[i].path)) {
            return &cb_keys[i];
        }
    }
    return NULL;
}

const char *cb_key_name(const struct cb_key *key)
{
    const char *dot = strrchr(key->path, '.');
    return dot == NULL ? key->path : dot + 1;
}

const struct cb_key *cb_key_next(const struct cb_key *parent, const struct cb_key *previous)
{
    size_t i = previous != NULL ? cb_key_index(previous) + 1 : parent != NULL ? cb_key_index(parent) + 1 : 0;
    for (; i < CB_KEY_COUNT; i++) {
        if (cb_key_parent(&cb_keys[i]) == parent) {
            return &cb_keys[i];
        }
    }
    return NULL;
}

const struct cb_key *cb_key_child(const struct cb_key *parent, struct cb_str name)
{
    for (const struct cb_key *k = NULL; (k = cb_key_next(parent, k)) != NULL;) {
        if (cb_str_is(name, cb_key_name(k))) {
            return k;
        }
    }
    return NULL;
}
