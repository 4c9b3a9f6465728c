#include "jose/ecdsa.h"

enum { DER_SEQUENCE = 0x30, DER_INTEGER = 0x02 };

/* One positive INTEGER in its shortest form; returns the end. */
static uint8_t *put_integer(uint8_t *at, const uint8_t *b)
{
    size_t n = CB_P256_BYTES;
    while (n > 1 && *b == 0) {
        b++;
        n--;
    }
    const size_t zero = *b & 0x80 ? 1 : 0; /* keeps it positive */
    *at++ = DER_INTEGER;
    *at++ = (uint8_t)(n + zero);
    if (zero) {
        *at++ = 0;
    }
    memcpy(at, b, n);
    return at + n;
}

cb_status cb_ecdsa_to_der(struct cb_str raw, uint8_t out[CB_ES256_DER_MAX], size_t *out_n, struct cb_err *err)
{
    CB_ENSURE(raw.n == CB_ES256_RAW, CB_E_JWS_SIGNATURE, "ES256 signature of %zu bytes", raw.n);
    const uint8_t *r = (const uint8_t *)raw.p;
    uint8_t *end = put_integer(put_integer(out + 2, r), r + CB_P256_BYTES);
    out[0] = DER_SEQUENCE;
    out[1] = (uint8_t)(end - out - 2);
    *out_n = (size_t)(end - out);
    return CB_OK;
}

/* Takes one INTEGER off the front of *der, right-aligned into 32 bytes. */
static bool take_integer(struct cb_str *der, uint8_t out[CB_P256_BYTES])
{
    const uint8_t *b = (const uint8_t *)der->p;
    if (der->n < 3 || b[0] != DER_INTEGER || b[1] == 0 || b[1] > der->n - 2) {
        return false;
    }
    size_t n = b[1];
    *der = (struct cb_str){ der->p + 2 + n, der->n - 2 - n };
    b += 2;
    if (n == CB_P256_BYTES + 1 && b[0] == 0) {
        b++;
        n--;
    }
    if (n > CB_P256_BYTES) {
        return false;
    }
    memset(out, 0, CB_P256_BYTES);
    memcpy(out + CB_P256_BYTES - n, b, n);
    return true;
}

cb_status cb_ecdsa_to_raw(struct cb_str der, uint8_t out[CB_ES256_RAW], struct cb_err *err)
{
    const uint8_t *b = (const uint8_t *)der.p;
    CB_ENSURE(der.n >= 2 && b[0] == DER_SEQUENCE && b[1] == der.n - 2, CB_E_CRYPTO, "ECDSA signature form");
    struct cb_str rest = { der.p + 2, der.n - 2 };
    CB_ENSURE(take_integer(&rest, out) && take_integer(&rest, out + CB_P256_BYTES) && rest.n == 0,
              CB_E_CRYPTO, "ECDSA signature form");
    return CB_OK;
}
