#include "oauth/metadata.h"

#include <criterion/criterion.h>

#include "base/json_in.h"

static const char *scopes[] = { "accounts", "payments" };
static struct cb_config_resource resources[] = { { "https://api.example", scopes, 2 } };

static struct cb_config config_for(const char *issuer)
{
    return (struct cb_config){
        .issuer = issuer,
        .signing_algorithm = "ES256",
        .listeners = { [CB_LISTENER_PUBLIC] = { .url = "https://as.example" },
                       [CB_LISTENER_MTLS] = { .url = "https://mtls.as.example:8444" } },
        .resources = resources,
        .resource_count = 1,
    };
}

static void expect_str(const json_t *o, const char *key, const char *value)
{
    struct cb_str got = { 0 };
    cr_expect(cb_json_get_str(o, key, &got) && cb_str_is(got, value), "%s: " CB_STR_FMT, key,
              CB_STR_ARG(got));
}

static json_t *document_of(const struct cb_config *c)
{
    struct cb_document *d = NULL;
    json_t *j = NULL;
    cr_assert_not(CB_FAILED(cb_metadata_document(c, &d, NULL)));
    cr_assert_str_eq(d->content_type, "application/json");
    cr_assert_eq(strlen(d->etag), 45);
    cr_assert_not(CB_FAILED(cb_json_object(d->body, &j, NULL)));
    cb_document_unref(d);
    return j;
}

Test(metadata, names_the_mtls_endpoints_twice)
{
    const struct cb_config c = config_for("https://as.example");
    json_auto_t *j = document_of(&c);
    expect_str(j, "issuer", "https://as.example");
    expect_str(j, "jwks_uri", "https://as.example/jwks");
    expect_str(j, "token_endpoint", "https://mtls.as.example:8444/token");
    expect_str(json_object_get(j, "mtls_endpoint_aliases"), "token_endpoint",
               "https://mtls.as.example:8444/token");
    cr_assert(json_is_true(json_object_get(j, "tls_client_certificate_bound_access_tokens")));
}

Test(metadata, puts_endpoints_below_the_issuers_path)
{
    const struct cb_config c = config_for("https://as.example/t1");
    json_auto_t *j = document_of(&c);
    expect_str(j, "issuer", "https://as.example/t1");
    expect_str(j, "jwks_uri", "https://as.example/t1/jwks");
    expect_str(j, "token_endpoint", "https://mtls.as.example:8444/t1/token");
    cr_assert_str_eq(cb_issuer_path(&c), "/t1");
}

Test(metadata, holds_no_empty_array)
{
    const struct cb_config c = config_for("https://as.example");
    json_auto_t *j = document_of(&c);
    const char *key;
    json_t *value;
    json_object_foreach(j, key, value)
    {
        cr_expect(!json_is_array(value) || json_array_size(value) > 0, "%s", key);
    }
}

Test(document, has_an_etag_of_its_body)
{
    struct cb_document *a = cb_document_new(CB_STR("x"), "t", "c");
    struct cb_document *b = cb_document_new(CB_STR("x"), "t", "c");
    struct cb_document *c = cb_document_new(CB_STR("y"), "t", "c");
    cr_assert_str_eq(a->etag, b->etag);
    cr_assert_str_neq(a->etag, c->etag);
    cr_assert_eq(cb_document_ref(a), a);
    cb_document_unref(a);
    cr_assert(cb_str_is(a->body, "x"));
    cb_document_unref(a);
    cb_document_unref(b);
    cb_document_unref(c);
    cb_document_unref(NULL);
}
