#include "onboarding/uri.h"

#include <criterion/criterion.h>

#include "base/limits.h"

static const struct {
    const char *uri;
    bool https, local, page;
} cases[] = {
    { "https://a.example", true, false, true },
    { "https://a.example/cb?x=1&y=%20", true, false, true },
    { "https://a.example:8443/cb", true, false, true },
    { "https://[2001:db8::1]:8443/cb", true, false, true },
    { "https://192.0.2.1/cb", true, false, true },
    { "https://localhost", true, true, true },
    { "https://LocalHost:8443/cb", true, true, true },
    { "https://localhost./", true, true, true },
    { "https://x.localhost/", true, true, true },
    { "https://127.0.0.1/", true, true, true },
    { "https://127.255.1.2:1/", true, true, true },
    { "https://[::1]/", true, true, true },
    { "https://notlocalhost/", true, false, true },
    { "https://localhost.example/", true, false, true },
    { "http://a.example/", false, false, true },
    { "HTTPS://a.example/", false, false, false },
    { "https://", false, false, false },
    { "https:///cb", false, false, false },
    { "https://?x", false, false, false },
    { "https://:443/", false, false, true },
    { "https://a.example:/", false, false, true },
    { "https://a.example:x/", false, false, true },
    { "https://a.example:123456/", false, false, true },
    { "https://u@a.example/", false, false, true },
    { "https://u:p@a.example/", false, false, true },
    { "https://a.example/#f", false, false, true },
    { "https://a.example/#", false, false, true },
    { "https://a.example/ x", false, false, false },
    { "https://a.example/\t", false, false, false },
    { "https://a.example/\xc3\xa9", false, false, false },
    { "https://a.example/<x>", false, false, false },
    { "https://a.example\\@b.example/", false, false, false },
    { "https://2001:db8::1/", false, false, true },
    { "https://[]/", false, false, true },
    { "javascript:alert(1)", false, false, false },
    { "urn:ietf:wg:oauth:2.0:oob", false, false, false },
    { "", false, false, false },
};

Test(uri, is_judged_by_its_shape)
{
    for (size_t i = 0; i < CB_COUNT(cases); i++) {
        const struct cb_str uri = cb_str_of(cases[i].uri);
        cr_expect_eq(cb_uri_is_https(uri), cases[i].https, "https: %s", cases[i].uri);
        cr_expect_eq(cb_uri_is_local(uri), cases[i].local, "local: %s", cases[i].uri);
        cr_expect_eq(cb_uri_is_page(uri), cases[i].page, "page: %s", cases[i].uri);
    }
}

Test(uri, holds_no_nul_and_is_not_endless)
{
    static char text[CB_LIMIT_URL + 2];
    memset(text, 'a', sizeof text);
    memcpy(text, "https://a.example/", 18);
    cr_expect(cb_uri_is_https((struct cb_str){ text, CB_LIMIT_URL }));
    cr_expect_not(cb_uri_is_https((struct cb_str){ text, CB_LIMIT_URL + 1 }));
    text[20] = '\0';
    cr_expect_not(cb_uri_is_https((struct cb_str){ text, 30 }));
}
