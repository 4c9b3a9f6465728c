/* Somebody's program outside this tree. It has functions of its own that bear our internal names. */
#include <certbound/verifier.h>
#include <stdio.h>
#include <string.h>

int cb_buf_init(void);
int cb_err_set(void);

int cb_buf_init(void)
{
    return 1;
}

int cb_err_set(void)
{
    return 2;
}

int main(void)
{
    static const char token[] = "eyJhbGciOiJub25lIn0.e30.";
    static const char jwks[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"1\",\"x\":"
                               "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                               "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";
    certbound_code why = CERTBOUND_OK;
    certbound_verifier *v = certbound_verifier_new();
    if (certbound_verifier_set_issuer(v, "https://as.example") != CERTBOUND_OK ||
        certbound_verifier_set_audience(v, "https://api.example") != CERTBOUND_OK ||
        certbound_verifier_set_jwks(v, jwks, strlen(jwks)) != CERTBOUND_OK) {
        return 1;
    }
    if (certbound_verify(v, token, strlen(token), "x", 1, 1800000000, &why) != NULL ||
        why != CERTBOUND_E_TYP) {
        return 2;
    }
    certbound_verifier_free(v);
    if (cb_buf_init() != 1 || cb_err_set() != 2 ||
        strcmp(certbound_version(), CERTBOUND_VERSION_STRING) != 0) {
        return 3;
    }
    return printf("%s %s\n", certbound_version(), certbound_code_name(why)) > 0 ? 0 : 4;
}
