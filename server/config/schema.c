#include "config/schema.h"

#include "config/shape.h"

#define FIELD(member)        .offset = offsetof(struct cb_config, member)
#define LISTENER(id, member) FIELD(listeners[CB_LISTENER_##id].member)
#define ENTRY(type, member)  .offset = offsetof(struct cb_config_##type, member)
#define LIST(type, items, many)                                                                              \
    FIELD(items), .count_offset = offsetof(struct cb_config, many),                                          \
                  .entry_size = sizeof(struct cb_config_##type)
#define MINUTES(n) ((n)*INT64_C(60))
#define HOURS(n)   ((n)*INT64_C(3600))

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
    { "listeners.mtls.address", CB_KEY_TEXT, .required = true, .wrong = cb_wrong_address, LISTENER(MTLS, address),
      .doc = "`HOST:PORT`, with an IPv6 address in brackets" },
    { "listeners.mtls.certificate", CB_KEY_PATH, .required = true, .reloadable = true, LISTENER(MTLS, certificate),
      .doc = "PEM file: the server's certificate, then its intermediates" },
    { "listeners.mtls.private_key", CB_KEY_PATH, .required = true, .reloadable = true, LISTENER(MTLS, private_key),
      .doc = "PEM file with its private key; mode 0600" },
    { "listeners.mtls.url", CB_KEY_TEXT, .required = true, .wrong = cb_wrong_origin, LISTENER(MTLS, url),
      .doc = "How partners reach it, without a path; the metadata names its endpoints under this URL" },
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
      .doc = "PEM bundle with the group's certification authorities" },

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
