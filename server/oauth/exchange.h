/* A request and its reply as the domain sees them: no HTTP library, no TLS library, no JSON. */
#ifndef CB_EXCHANGE_H
#define CB_EXCHANGE_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "cert/x5t.h"

struct cb_app;
struct cb_client;
struct cb_peer;
struct cb_profile_facts;
struct cb_snapshot;

#define CB_REQUEST_ID_TEXT 23 /* 128 random bits in base64url, and a NUL */

/* What the audit line tells beyond the request itself. Filled as facts become known, written with the
 * outcome. */
struct cb_audit {
    struct cb_str client_id;     /* as authenticated; before that as sent */
    struct cb_str administrator; /* as the configuration calls the subject */
    struct cb_str object;        /* of the admin API: "clients/acme", "revocations/..." */
    struct cb_str scope;
    struct cb_str resource;
    struct cb_str jti;
    struct cb_str forwarded_for; /* the partner's address, by the word of a proxy that is believed */
    const char *rule;            /* of registration: the first that was broken; NULL: none */
    bool nothing_done;           /* it was only asked what would be: no event */
    bool has_x5t;
    struct cb_x5t x5t;
    struct cb_str
        register_as; /* of a certificate that is not the client's: the option that would make it so */
};

/* What a body is, and, as a set, what a route takes. */
enum cb_body {
    CB_BODY_NONE = 0,
    CB_BODY_FORM = 1, /* application/x-www-form-urlencoded */
    CB_BODY_JSON = 2, /* application/json */
    CB_BODY_JOSE = 4, /* application/jose, application/jwt: a compact JWS */
};

enum { CB_PATH_PARAMS = 3 }; /* in one route */

struct cb_request {
    int64_t now; /* Unix seconds, read once */
    struct cb_arena *arena;
    char id[CB_REQUEST_ID_TEXT];
    const struct cb_snapshot *snapshot;   /* the world this request lives in: cb_app_snapshot fills it once */
    struct cb_peer *peer;                 /* the certificate of this connection; NULL: none was presented */
    const struct cb_client *client;       /* set by client authentication */
    const struct cb_profile_facts *facts; /* likewise: what the certificate says of its holder */
    const void
        *form; /* the struct that the route's parameter table fills, from the form, or else the query */
    enum cb_body body_type;
    struct cb_str body;                        /* as received; of a form, what is left of it */
    bool changes;                              /* the method is one that changes something */
    struct cb_str path_params[CB_PATH_PARAMS]; /* decoded, in the order of the route's path */
    struct cb_str client_id;                   /* the form's client_id; n == 0: none */
    struct cb_str authorization;               /* the Authorization header; p == NULL: none */
    struct cb_str if_none_match;               /* likewise */
    struct cb_str if_match;                    /* likewise */
    struct cb_buf *problems; /* all that is wrong, one a line: told beside the error; NULL: nothing is */
    int retry_after_s;       /* with a 503; 0: a second */
    struct cb_audit audit;
};

/* A prepared body that many replies share: metadata, JWK set. Immutable, reference counted. */
struct cb_document {
    struct cb_str body;
    const char *content_type;
    const char *cache_control;
    char etag[CB_X5T_TEXT + 2]; /* strong, quoted: SHA-256 of the body */
    atomic_size_t references;   /* document.c's alone */
};
struct cb_document *cb_document_new(struct cb_str body, const char *content_type,
                                    const char *cache_control); /* NULL: memory */
struct cb_document *cb_document_ref(struct cb_document *d);
void cb_document_unref(struct cb_document *d); /* NULL is fine */

enum cb_reply_kind {
    CB_REPLY_NONE,     /* nothing was decided: answered as server_error */
    CB_REPLY_TOKEN,    /* RFC 6749 section 5.1 */
    CB_REPLY_DOCUMENT, /* 200, or 304 when If-None-Match names its ETag */
    CB_REPLY_TEXT,     /* text/plain, for the ops listener */
    CB_REPLY_JSON,  /* `text` is a JSON object: with its status, and ETag and Location where they are set */
    CB_REPLY_EMPTY, /* 204 */
};

struct cb_reply {
    enum cb_reply_kind kind;
    int status;
    struct {
        struct cb_str access_token; /* a secret: lives in the request's arena */
        int64_t expires_in;
        struct cb_str scope;
    } token;
    struct cb_document *document; /* one reference, the reply's */
    struct cb_str text;           /* in the arena, or constant */
    const char *etag;             /* quoted; likewise */
    const char *location;         /* likewise */
};

/* An endpoint. CB_OK with a reply, or a failure whose code cb_error_of turns into the answer. */
typedef cb_status (*cb_endpoint)(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                 struct cb_err *err);

/* One declared form parameter. Undeclared ones are ignored (RFC 6749 section 3.2), but not when repeated, nor
 * where the table is closed. */
struct cb_param {
    const char *name;
    bool required;
    size_t max;                   /* bytes after decoding */
    bool (*valid)(struct cb_str); /* NULL: any UTF-8 without control characters */
    size_t offset;   /* of a struct cb_str in the form struct; an absent or empty value stays zeroed */
    bool repeatable; /* resource (RFC 8707): then offset is of a struct cb_param_list */
};
struct cb_param_list {
    struct cb_str values[8];
    size_t count;
};
struct cb_param_table {
    const struct cb_param *params;
    size_t count;
    size_t form_size;
    bool closed; /* an undeclared one is refused */
};

/* --- errors --- */

/* The answer for a code: one row of the table in errors.c. Unmapped codes answer 500 server_error. */
struct cb_error_answer {
    int status;
    const char *error;       /* RFC 6749 section 5.2 and its relatives */
    const char *description; /* fixed text in the characters that RFC 6749 allows; says what to mend */
};
const struct cb_error_answer *cb_error_of(enum cb_code code);

/* Is it for the peer to mend? Otherwise it is ours, or only to be tried again. */
bool cb_error_is_peers(enum cb_code code);

#endif
