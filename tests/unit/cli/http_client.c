#include "cli/http_client.h"

#include <criterion/criterion.h>

#include "base/limits.h"

Test(http_client, encodes_forms)
{
    struct cb_buf form;
    cb_buf_init(&form, CB_KIB);
    cb_form_add(&form, "a", "x y&z=1+\xc3\xa9");
    cb_form_add(&form, "b", "-._~");
    cb_form_add(&form, "c", "");
    cr_expect(cb_str_is(cb_buf_str(&form), "a=x%20y%26z%3D1%2B%C3%A9&b=-._~&c="), CB_STR_FMT,
              CB_STR_ARG(form));
    cb_buf_done(&form);
}

static enum cb_code fetch(const char *url)
{
    struct cb_arena a;
    cb_arena_init(&a, CB_MIB);
    int status = 0;
    struct cb_str body = { 0 };
    struct cb_err err = { 0 };
    const struct cb_https rq = { .url = url };
    cr_expect(CB_FAILED(cb_https_fetch(&a, &rq, &status, &body, &err)));
    cb_arena_done(&a);
    return err.code;
}

Test(http_client, speaks_https_alone)
{
    cr_expect_eq(fetch("http://127.0.0.1:1/"), CB_E_UNREACHABLE);
    cr_expect_eq(fetch("file:///etc/hostname"), CB_E_UNREACHABLE);
    cr_expect_eq(fetch("https://127.0.0.1:1/"), CB_E_UNREACHABLE);
}
