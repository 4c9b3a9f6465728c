/* Queries, and lists that come page by page. */
#include "admin/parts.h"
#include "jose/base64url.h"

enum { LIMIT_MAX = 200, LIMIT_USUAL = 50 };

struct nothing {
    char none;
};
const struct cb_param_table cb_admin_no_params = { .form_size = sizeof(struct nothing), .closed = true };

bool cb_admin_number(struct cb_str text, int64_t *out)
{
    int64_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || n > INT64_MAX / 10 - 1) {
            return false;
        }
        n = n * 10 + (text.p[i] - '0');
    }
    *out = n;
    return text.n > 0;
}

bool cb_admin_digest(struct cb_str text, struct cb_x5t *out)
{
    size_t n = 0;
    return !CB_FAILED(cb_base64url_decode(text, out->b, sizeof out->b, &n, NULL)) && n == sizeof out->b;
}

/* --- pages --- */

cb_status cb_admin_page_begin(struct cb_request *rq, const char *name, struct cb_str limit,
                              struct cb_admin_page *out, struct cb_err *err)
{
    int64_t n = LIMIT_USUAL;
    char range[64];
    (void)snprintf(range, sizeof range, "must be a number from 1 to %d", LIMIT_MAX);
    const bool good = (limit.n == 0 || cb_admin_number(limit, &n)) && n >= 1 && n <= LIMIT_MAX;
    CB_TRY(cb_admin_parameter(rq, good, "limit", range, err));
    struct cb_buf *text = cb_admin_text(rq);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "%s", name);
    *out = (struct cb_admin_page){ .rq = rq, .json = cb_json_out(text), .text = text, .limit = n + 1 };
    cb_json_open(&out->json, '{');
    cb_json_key(&out->json, name);
    cb_json_open(&out->json, '[');
    return CB_OK;
}

bool cb_admin_page_takes(struct cb_admin_page *p)
{
    p->more = p->count + 1 == p->limit;
    p->count += p->more ? 0 : 1;
    return !p->more;
}

cb_status cb_admin_page_end(struct cb_admin_page *p, struct cb_str after, struct cb_reply *out,
                            struct cb_err *err)
{
    cb_json_close(&p->json, ']');
    cb_json_key(&p->json, "after");
    if (p->more) {
        cb_json_str(&p->json, after);
    } else {
        cb_json_null(&p->json);
    }
    cb_json_close(&p->json, '}');
    return cb_admin_reply(200, p->text, out, err);
}
