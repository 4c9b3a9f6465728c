/* The payload of a token whose signature is right: an issuer gone mad, or a partner who found a way to write
 * into its tokens. What is accepted must be bound to the certificate and hold what every caller relies on. */
#include <stdlib.h>

#include "base/limits.h"
#include "testlib/issuer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void look_at(const certbound_claims *c)
{
    demand(certbound_claims_subject(c) != NULL && certbound_claims_client_id(c) != NULL &&
           certbound_claims_jwt_id(c) != NULL && certbound_claims_scope(c) != NULL);
    demand(strstr(certbound_claims_json(c), "x5t#S256") != NULL ||
           strchr(certbound_claims_json(c), '\\') != NULL);
    demand(certbound_claims_expires(c) > NOW && certbound_claims_issued_at(c) <= NOW + 10);
    demand(certbound_claims_has_scope(c, "") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct issuer issuer;
    if (issuer.verifier == NULL) {
        issuer = issuer_new();
    }
    char *payload = calloc(1, size + 1);
    demand(payload != NULL);
    if (size > 0 && size < CB_LIMIT_JWS) {
        memcpy(payload, data, size);
    }
    char *header = test_header(NULL, NULL);
    char *token = test_token(issuer.es256, header, payload);
    certbound_code why = CERTBOUND_OK;
    certbound_claims *c =
        certbound_verify(issuer.verifier, token, strlen(token), test_der().p, test_der().n, NOW, &why);
    demand((c != NULL) == (why == CERTBOUND_OK));
    demand(why >= CERTBOUND_E_CLAIMS || why == CERTBOUND_E_TOKEN_TOO_LARGE || why == CERTBOUND_OK);
    if (c != NULL) {
        look_at(c);
        demand(verdict(issuer.verifier, token, CB_STR("another"), NOW) == CERTBOUND_E_CERTIFICATE_MISMATCH);
    }
    certbound_claims_free(c);
    free(token);
    free(header);
    free(payload);
    return 0;
}
