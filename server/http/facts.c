#include "http/facts.h"

static const char *const field_names[CB_FIELD__MAX] = {
    [CB_FIELD_CONTENT_TYPE] = "Content-Type",
    [CB_FIELD_CONTENT_LENGTH] = "Content-Length",
    [CB_FIELD_TRANSFER_ENCODING] = "Transfer-Encoding",
    [CB_FIELD_AUTHORIZATION] = "Authorization",
    [CB_FIELD_IF_NONE_MATCH] = "If-None-Match",
    [CB_FIELD_IF_MATCH] = "If-Match",
    [CB_FIELD_EXPECT] = "Expect",
};

static enum MHD_Result note(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_size,
                            const char *value, size_t value_size)
{
    (void)kind;
    struct cb_facts *facts = cls;
    const struct cb_str name = { key, key_size };
    for (size_t i = 0; i < CB_FIELD__MAX; i++) {
        if (cb_str_eq_nocase(name, cb_str_of(field_names[i]))) {
            facts->repeated[i] = facts->fields[i].p != NULL;
            facts->fields[i] = (struct cb_str){ value == NULL ? "" : value, value_size };
        }
    }
    return MHD_YES;
}

static bool digits_of(struct cb_str s, uint64_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || n > (UINT64_MAX - 9) / 10) {
            return false;
        }
        n = n * 10 + (uint64_t)(s.p[i] - '0');
    }
    *out = n;
    return s.n > 0;
}

static size_t header_size_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info == NULL ? 0 : info->header_size;
}

cb_status cb_facts_gather(struct MHD_Connection *mhd, size_t most, struct cb_facts *out, struct cb_err *err)
{
    *out = (struct cb_facts){ 0 };
    const size_t size = header_size_of(mhd);
    CB_ENSURE(size <= most, CB_E_HTTP_HEADER_TOO_LARGE, "%zu bytes, at most %zu", size, most);
    (void)MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, note, out);
    for (size_t i = 0; i < CB_FIELD__MAX; i++) {
        CB_ENSURE(!out->repeated[i] || i == CB_FIELD_IF_NONE_MATCH, CB_E_HTTP_AMBIGUOUS, "repeated %s",
                  field_names[i]);
    }
    const struct cb_str coding = out->fields[CB_FIELD_TRANSFER_ENCODING];
    const struct cb_str length = out->fields[CB_FIELD_CONTENT_LENGTH];
    out->chunked = coding.p != NULL;
    CB_ENSURE(!out->chunked || cb_str_eq_nocase(coding, CB_STR("chunked")), CB_E_HTTP_AMBIGUOUS,
              "transfer coding other than chunked");
    CB_ENSURE(!out->chunked || length.p == NULL, CB_E_HTTP_AMBIGUOUS, "Content-Length and Transfer-Encoding");
    CB_ENSURE(length.p == NULL || digits_of(length, &out->content_length), CB_E_HTTP_AMBIGUOUS,
              "Content-Length is no number");
    return CB_OK;
}

bool cb_media_type_is(struct cb_str content_type, struct cb_str media_type)
{
    struct cb_str rest = content_type;
    struct cb_str type = { 0 };
    if (!cb_str_next(&rest, ';', &type)) {
        return false;
    }
    while (type.n > 0 && (type.p[type.n - 1] == ' ' || type.p[type.n - 1] == '\t')) {
        type.n--;
    }
    return cb_str_eq_nocase(type, media_type);
}
