/* Every bound on what others may make us hold, in one place. Bytes unless the name says otherwise. */
#ifndef CB_LIMITS_H
#define CB_LIMITS_H

#define CB_KIB                   ((size_t)1024)
#define CB_MIB                   (1024 * CB_KIB)

/* One request. */
#define CB_LIMIT_REQUEST_ARENA   (256 * CB_KIB) /* everything derived from one request */
#define CB_LIMIT_REQUEST_HEADERS (16 * CB_KIB)  /* request line and header fields */
#define CB_LIMIT_PROXIED_HEADERS (32 * CB_KIB)  /* the same where a proxy puts a certificate chain in */
#define CB_LIMIT_PROXY_HEADER    (2 * CB_KIB)   /* PROXY protocol header: addresses and vectors */
#define CB_LIMIT_TOKEN_BODY      (16 * CB_KIB)  /* form body of POST /token */
#define CB_LIMIT_FORM_PARAMETERS 64             /* parameters in one form, known or not */
#define CB_LIMIT_DRAINED_BODY    (256 * CB_KIB) /* read and dropped, so that the refusal of a body arrives */

#define CB_LIMIT_ADMIN_BODY      (64 * CB_KIB) /* a client with its JWK set: several copies fit into the arena */

/* What a partner names. */
#define CB_LIMIT_CLIENT_ID       128
#define CB_LIMIT_CLIENT_NAME     200
#define CB_LIMIT_SCOPE           1024 /* the whole scope parameter */
#define CB_LIMIT_SCOPES          64   /* scope tokens in one request or registration */
#define CB_LIMIT_RESOURCE        512
#define CB_LIMIT_DN              1024 /* a registered subject DN as a string */
#define CB_LIMIT_RDN_PAIRS       64   /* attribute values in one name */
#define CB_LIMIT_SAN             512  /* a registered SAN value */
#define CB_LIMIT_NAME            128  /* a word: trust group, method, kind, algorithm */
#define CB_LIMIT_URL             (2 * CB_KIB)
#define CB_LIMIT_METADATA        (16 * CB_KIB) /* what a registration keeps beside our own fields, JSON */
#define CB_LIMIT_REASON          200           /* why a certificate was revoked here */
#define CB_LIMIT_SEEN            64            /* certificates remembered of one client */
#define CB_LIMIT_SUBJECT         (4 * CB_KIB)  /* a subject in canonical text, which escapes make longer */

/* Certificates. */
#define CB_LIMIT_CERTIFICATE     (16 * CB_KIB) /* one certificate, DER */
#define CB_LIMIT_EXTENSIONS      64            /* in one certificate */
#define CB_LIMIT_CHAIN           8             /* certificates a peer may present, the leaf included */
#define CB_LIMIT_HANDSHAKE       (60 * CB_KIB) /* what a peer may send in one: a ticket must hold its chain */

/* Revocation. */
#define CB_LIMIT_CRL             (50 * CB_MIB)   /* a list, DER */
#define CB_LIMIT_CRL_FILE        (70 * CB_MIB)   /* the same as PEM */
#define CB_LIMIT_CRL_CACHE       (1024 * CB_MIB) /* lists kept over a restart, all together */
#define CB_LIMIT_SERIAL          32              /* octets of a serial number; RFC 5280 wants at most 20 */
#define CB_LIMIT_STATUS_URL      1024            /* where a certificate says its status can be learnt */
#define CB_LIMIT_OCSP_RESPONSE   (64 * CB_KIB)
#define CB_LIMIT_OCSP_ANSWERS    16384 /* that are held */

/* JOSE. */
#define CB_LIMIT_JWS             (16 * CB_KIB) /* a compact JWS */
#define CB_LIMIT_JOSE_HEADER     (2 * CB_KIB)  /* its decoded header */
#define CB_LIMIT_JWK_SET         (256 * CB_KIB)
#define CB_LIMIT_JWKS_KEYS       64 /* keys in one set */
#define CB_LIMIT_KID             128
#define CB_LIMIT_JSON_DEPTH      16

/* Dynamic client registration. */
#define CB_LIMIT_DIRECTORIES     64
#define CB_LIMIT_REGISTRATION    (64 * CB_KIB) /* its body, JSON or JWS */
#define CB_LIMIT_REDIRECT_URIS   64            /* in one registration */
#define CB_LIMIT_ROLES           64            /* in one software statement */
#define CB_LIMIT_VIOLATIONS      64            /* told at once */

/* Files and store. */
#define CB_LIMIT_SOCKET_PATH     108 /* of a Unix socket, the NUL included: sun_path */
#define CB_LIMIT_CONFIG_FILE     (1 * CB_MIB)
#define CB_LIMIT_SECRET_FILE     (64 * CB_KIB)
#define CB_LIMIT_SIGNING_KEY     (64 * CB_KIB) /* each half of one in the store */
#define CB_LIMIT_PEM_FILE        (16 * CB_MIB)
#define CB_LIMIT_LOG_LINE        (4 * CB_KIB)

#endif
