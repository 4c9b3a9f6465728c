/* What a partner is told for every reason: the one place where a status, an OAuth error word and a sentence
 * meet. Sentences are fixed, hold only the characters of RFC 6749 section 5.2, and say what to mend. */
#include "oauth/exchange.h"

/* invalid_client answers 400: RFC 6749 section 5.2 asks for 401 only where the Authorization header was used,
 * and HTTP clients that meet a 401 without a scheme they know tend to hide the body that says what is wrong.
 */
static const struct cb_error_answer answers[CB_E__MAX] = {
    [CB_E_HTTP_PATH] = { 404, "not_found", "there is nothing at this path on this listener" },
    [CB_E_HTTP_METHOD] = { 405, "invalid_request",
                           "this method is not allowed here, the Allow header names those that are" },
    [CB_E_HTTP_MEDIA_TYPE] = { 415, "invalid_request",
                               "the body is of another media type than this endpoint takes, the Accept "
                               "header names those" },
    [CB_E_HTTP_BODY_TOO_LARGE] = { 413, "invalid_request", "the body is larger than this endpoint accepts" },
    [CB_E_HTTP_HEADER_TOO_LARGE] = { 431, "invalid_request",
                                     "the header fields are larger than this server accepts" },
    [CB_E_HTTP_AMBIGUOUS] = { 400, "invalid_request",
                              "the message can be read in two ways: send one Content-Length or the chunked "
                              "coding, and no field twice" },
    [CB_E_HTTP_NOT_READY] = { 503, "temporarily_unavailable",
                              "the server is not ready yet, try again in a moment" },

    [CB_E_FORM_MALFORMED] = { 400, "invalid_request",
                              "the form does not decode: check percent escapes and UTF-8" },
    [CB_E_PARAMETER_UNKNOWN] = { 400, "invalid_request", "the query has a parameter that is not known here" },
    [CB_E_PARAMETER_REPEATED] = { 400, "invalid_request", "a parameter appears more than once" },
    [CB_E_PARAMETER_MISSING] = { 400, "invalid_request",
                                 "a required parameter is missing: send grant_type=client_credentials" },
    [CB_E_PARAMETER_MALFORMED] = { 400, "invalid_request",
                                   "a parameter holds characters that it must not hold" },
    [CB_E_PARAMETER_TOO_LONG] = { 400, "invalid_request", "a parameter is longer than this server accepts" },

    [CB_E_CLIENT_ID_MISSING] = { 400, "invalid_client",
                                 "client_id is missing: mutual TLS needs it in the form" },
    [CB_E_CLIENT_UNKNOWN] = { 400, "invalid_client", "this client_id is not registered here" },
    [CB_E_CLIENT_DISABLED] = { 400, "invalid_client",
                               "this client is disabled, ask the operator of this server" },
    [CB_E_CLIENT_AUTH_METHOD] = { 400, "invalid_client",
                                  "authenticate with the client certificate alone: send no client_secret and "
                                  "no client_assertion" },
    [CB_E_CLIENT_AUTH_HEADER] = { 401, "invalid_client",
                                  "authenticate with the client certificate alone: send no Authorization "
                                  "header" },
    [CB_E_CERT_MISSING] = { 400, "invalid_client",
                            "no client certificate was presented in the TLS handshake" },
    [CB_E_CERT_MALFORMED] = { 400, "invalid_client",
                              "the client certificate does not decode or holds forbidden bytes" },
    [CB_E_CERT_HEADER_MALFORMED] = { 400, "invalid_request",
                                     "the proxy in front of this server handed on a client certificate "
                                     "that cannot be read, tell the operator" },
    [CB_E_CERT_HEADER_REPEATED] = { 400, "invalid_request",
                                    "the header field of the client certificate came twice: send none, the "
                                    "proxy in front of this server does" },
    [CB_E_CERT_HEADER_CHAIN_ALONE] = { 400, "invalid_request",
                                       "the proxy in front of this server handed on intermediates without "
                                       "a client certificate, tell the operator" },
    [CB_E_CERT_EXPIRED] = { 400, "invalid_client",
                            "the client certificate or one of its issuers has expired" },
    [CB_E_CERT_NOT_YET_VALID] = { 400, "invalid_client",
                                  "the client certificate or one of its issuers is not valid yet" },
    [CB_E_CERT_ISSUER_UNKNOWN] = { 400, "invalid_client",
                                   "the client certificate does not lead to a trusted issuer: send the "
                                   "intermediates too, or ask the operator" },
    [CB_E_CERT_SIGNATURE] = { 400, "invalid_client",
                              "a signature in the client certificate chain does not verify" },
    [CB_E_CERT_PURPOSE] = { 400, "invalid_client",
                            "the client certificate is not meant for TLS client authentication" },
    [CB_E_CERT_WEAK] = { 400, "invalid_client",
                         "the client certificate chain uses a weak key or digest: RSA needs 2048 bits, EC "
                         "256 bits, SHA-256 or better" },
    [CB_E_CERT_CHAIN] = { 400, "invalid_client", "the client certificate chain is not valid" },
    [CB_E_CERT_ISSUER_NOT_ALLOWED] = { 400, "invalid_client",
                                       "the client certificate was not issued by a CA that this server "
                                       "accepts for this client, ask the operator which it does" },
    [CB_E_CERT_ISSUER_NOT_PINNED] = { 400, "invalid_client",
                                      "the client certificate was issued by another CA than the one "
                                      "registered for this client_id" },
    [CB_E_CERT_CHAIN_LENGTH] = { 400, "invalid_client",
                                 "more CAs stand between the client certificate and its trust anchor than "
                                 "this server accepts" },
    [CB_E_CERT_EKU] = { 400, "invalid_client",
                        "the client certificate lacks an extended key usage that this server demands, ask "
                        "the operator which" },
    [CB_E_CERT_KEY_SIZE] = { 400, "invalid_client",
                             "a key in the client certificate chain is shorter than this server demands, ask "
                             "the operator for the size" },
    [CB_E_CERT_ALGORITHM] = { 400, "invalid_client",
                              "the client certificate chain is signed with an algorithm that this server "
                              "does not accept, ask the operator which it does" },
    [CB_E_CERT_LIFETIME] = { 400, "invalid_client",
                             "the client certificate was issued for longer than this server accepts: get one "
                             "with a shorter validity" },
    [CB_E_CERT_SUBJECT_MISMATCH] = { 400, "invalid_client",
                                     "the client certificate is valid but its subject is not the one "
                                     "registered for this client_id" },
    [CB_E_CERT_NOT_REGISTERED] = { 400, "invalid_client",
                                   "the self-signed certificate is not among the x5c certificates registered "
                                   "for this client_id" },
    [CB_E_CERT_PROFILE] = { 400, "invalid_client",
                            "the client certificate is not of the kind that this client must present: check "
                            "its subject, key usage and qcStatements against the scheme's profile" },
    [CB_E_CERT_QC_STATEMENTS] = { 400, "invalid_client",
                                  "the qcStatements of the client certificate are malformed: have it issued "
                                  "again" },
    [CB_E_CERT_QC_TYPE] = { 400, "invalid_client",
                            "the client certificate is not for website authentication: present the QWAC, not "
                            "a seal or signature certificate" },
    [CB_E_CERT_ROLE] = { 400, "invalid_client",
                         "the client certificate names no PSD2 role, or one whose name and OID disagree: "
                         "have "
                         "it issued again" },
    [CB_E_CERT_KEYS_PENDING] = { 503, "temporarily_unavailable",
                                 "this certificate is not registered, the client's jwks_uri is being read "
                                 "again, try again in a moment" },
    [CB_E_CERT_REVOKED] = { 400, "invalid_client",
                            "the client certificate or one of its issuers is revoked: ask your CA for a new "
                            "certificate" },
    [CB_E_REVOCATION_UNKNOWN] = { 503, "temporarily_unavailable",
                                  "whether the client certificate is revoked is not known at the moment, try "
                                  "again soon" },
    [CB_E_TRUST_GROUP_UNKNOWN] = { 503, "temporarily_unavailable",
                                   "the trust anchors for this client are not configured, ask the operator "
                                   "of this server" },

    [CB_E_ADMIN_CERTIFICATE] = { 401, "unauthorized", "present the client certificate of an administrator" },
    [CB_E_ADMIN_UNKNOWN] = { 403, "access_denied", "this certificate is not that of a listed administrator" },
    [CB_E_ADMIN_READ_ONLY] = { 403, "access_denied", "this administrator may read and not change anything" },
    [CB_E_ADMIN_BODY] = { 400, "invalid_request", "the body cannot be accepted, problems says why" },
    [CB_E_ADMIN_NOT_FOUND] = { 404, "not_found", "there is no such object" },
    [CB_E_ADMIN_CONFLICT] = { 409, "conflict", "another object has this already, problems says what" },
    [CB_E_ADMIN_NO_IF_MATCH] = { 428, "precondition_required",
                                 "send If-Match with the ETag of what you read, so that no change is lost" },
    [CB_E_ADMIN_STALE] = { 412, "precondition_failed",
                           "somebody else has changed it meanwhile: read it again" },
    [CB_E_KEY_IN_USE] = { 409, "conflict",
                          "tokens of this key are in use: rotate first, or force is true to end them now" },

    [CB_E_DIRECTORY_ORGANISATION] = { 403, "access_denied",
                                      "this certificate is not that of the organisation whose software this "
                                      "is" },

    [CB_E_GRANT_UNSUPPORTED] = { 400, "unsupported_grant_type",
                                 "this server supports the grant type client_credentials" },
    [CB_E_GRANT_NOT_ALLOWED] = { 400, "unauthorized_client",
                                 "this client is not registered for this grant type" },
    [CB_E_SCOPE_MALFORMED] = { 400, "invalid_scope", "scope must be words separated by single spaces" },
    [CB_E_SCOPE_UNKNOWN] = { 400, "invalid_scope", "a requested scope does not exist on this server" },
    [CB_E_SCOPE_NOT_ALLOWED] = { 400, "invalid_scope",
                                 "none of the requested scopes is registered for this client" },
    [CB_E_SCOPE_ROLE] = { 400, "invalid_scope",
                          "the partner's roles, in its certificate or software statement, allow none of the "
                          "requested scopes" },
    [CB_E_SCOPE_OF_TWO_RESOURCES] = { 400, "invalid_scope",
                                      "the requested scopes belong to different resources: ask for one "
                                      "resource at a time" },
    [CB_E_TARGET_MALFORMED] = { 400, "invalid_target",
                                "resource must be one absolute URI without a fragment" },
    [CB_E_TARGET_UNKNOWN] = { 400, "invalid_target", "this resource is not known here" },
    [CB_E_TARGET_NOT_ALLOWED] = { 400, "invalid_target", "this client has no scope of this resource" },

    [CB_E_DCR_REDIRECT_URI] = { 400, "invalid_redirect_uri",
                                "a redirect URI cannot be registered, problems names each" },
    [CB_E_DCR_METADATA] = { 400, "invalid_client_metadata",
                            "the client metadata cannot be registered, problems names what to change" },
    [CB_E_DCR_STATEMENT] = { 400, "invalid_software_statement",
                             "the software statement cannot be accepted, problems says why" },
    [CB_E_DCR_UNAPPROVED] = { 400, "unapproved_software_statement",
                              "this server does not register clients with this software statement" },
    [CB_E_DCR_KEYS_PENDING] = { 503, "temporarily_unavailable",
                                "the keys that verify this request are being fetched, send it again in a "
                                "moment" },
    [CB_E_DCR_KEYS_UNAVAILABLE] = { 503, "temporarily_unavailable",
                                    "the keys that verify this request cannot be fetched at the moment, try "
                                    "again later" },
    [CB_E_DCR_TOKEN] = { 401, "invalid_token",
                         "the registration access token, the client_id of the path and the client "
                         "certificate do not belong together" },
    [CB_E_DCR_FORBIDDEN] = { 403, "access_denied",
                             "this client is disabled, ask the operator of this server" },
    [CB_E_DCR_CONFLICT] = { 409, "invalid_request",
                            "the registration was changed at the same time, read it again" },
    [CB_E_CLIENT_SUSPENDED] = { 400, "invalid_client",
                                "the software statement of this client has expired, register again with a "
                                "new one" },
    [CB_E_CLIENT_GROUP_RESERVED] = { 400, "invalid_client",
                                     "the trust group of this client is not one of partners any longer, ask "
                                     "the operator of this server" },

    [CB_E_STORE_UNAVAILABLE] = { 503, "temporarily_unavailable",
                                 "the server cannot serve this at the moment, try again soon" },
    [CB_E_STORE_RETRY] = { 503, "temporarily_unavailable", "the server is busy, try again soon" },
};

static const struct cb_error_answer ours = {
    500, "server_error", "the server failed, the request id leads the operator to the reason"
};

bool cb_error_is_peers(enum cb_code code)
{
    return cb_code_class(code) == CB_CLASS_PROTOCOL && cb_error_of(code)->status != 503;
}

const struct cb_error_answer *cb_error_of(enum cb_code code)
{
    return code < CB_E__MAX && answers[code].status != 0 ? &answers[code] : &ours;
}
