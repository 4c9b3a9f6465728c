#include "applicant.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/buf.h"
#include "jose/base64url.h"
#include "testlib/pki.h"

struct cb_arena arena;

static const char *api_scopes[] = { "accounts", "payments", "fundsconfirmations" };
static const char *brazil_scopes[] = { "resources", "consents" };
static struct cb_config_resource resources[] = { { "https://api.example", api_scopes, 3 },
                                                 { "https://api.example.br", brazil_scopes, 2 } };
static const char *of_accounts[] = { "accounts" };
static const char *of_payments[] = { "payments" };
static const char *of_data[] = { "accounts", "resources", "consents" };
static struct cb_config_role roles[] = {
    { "AISP", of_accounts, 1 },   { "PISP", of_payments, 1 }, { "PSP_AI", of_accounts, 1 },
    { "PSP_PI", of_payments, 1 }, { "DADOS", of_data, 3 },
};
static struct cb_config_trust_group groups[] = {
    { .name = "partners", .anchors = "a.pem", .profile = "plain" },
    { .name = "others", .anchors = "b.pem", .profile = "plain" }
};
static struct cb_config_directory directories[] = {
    { .name = "uk",
      .issuer = "OpenBanking Ltd",
      .jwks = "uk.jwks",
      .profile = "obuk",
      .trust_group = "partners" },
    { .name = "brazil",
      .issuer = "Open Banking Brasil",
      .jwks = "br.jwks",
      .profile = "ofbr",
      .trust_group = "partners" },
    { .name = "sandbox",
      .issuer = "https://directory.example",
      .jwks = "sandbox.jwks",
      .profile = "generic",
      .trust_group = "partners" },
};
static const char *audiences[] = { "0015800001ZEZ1iAAH" };
struct cb_config config;

void applicant_setup(void)
{
    cb_arena_init(&arena, 1 << 22);
    config = (struct cb_config){ .issuer = AS_ISSUER,
                                 .resources = resources,
                                 .resource_count = CB_COUNT(resources),
                                 .trust_groups = groups,
                                 .trust_group_count = CB_COUNT(groups),
                                 .roles = roles,
                                 .role_count = CB_COUNT(roles),
                                 .directories = directories,
                                 .directory_count = CB_COUNT(directories),
                                 .audiences = audiences,
                                 .audience_count = CB_COUNT(audiences) };
}

void applicant_teardown(void)
{
    cb_arena_done(&arena);
}

static const struct good {
    const char *directory;
    bool is_signed;
    const char *request_header, *request, *statement_header, *statement;
    struct pki_value subject[6];
} good[] = {
    { "uk",
      true,
      "{\"alg\":\"PS256\",\"kid\":\"s1\",\"typ\":\"JWT\"}",
      "{\"iss\":\"" SOFTWARE "\",\"iat\":1799999990,\"exp\":1800000300,\"aud\":\"" AS_ISSUER "\","
      "\"jti\":\"cc0fb1a4-2b6b-4a1c-9f7e-1d0a0c0f0e0d\",\"redirect_uris\":[\"https://acme.example/cb\"],"
      "\"token_endpoint_auth_method\":\"tls_client_auth\",\"tls_client_auth_subject_dn\":\"" OBUK_DN "\","
      "\"grant_types\":[\"authorization_code\",\"refresh_token\",\"client_credentials\"],"
      "\"response_types\":[\"code id_token\"],\"software_id\":\"" SOFTWARE "\",\"scope\":\"openid accounts\","
      "\"application_type\":\"web\",\"id_token_signed_response_alg\":\"PS256\","
      "\"request_object_signing_alg\":\"PS256\"}",
      "{\"alg\":\"PS256\",\"kid\":\"d1\",\"typ\":\"JWT\"}",
      "{\"iss\":\"OpenBanking Ltd\",\"iat\":1799990000,\"jti\":\"a1\",\"software_id\":\"" SOFTWARE "\","
      "\"software_client_name\":\"Acme\",\"software_client_uri\":\"https://acme.example\","
      "\"software_redirect_uris\":[\"https://acme.example/cb\",\"https://acme.example/cb2\"],"
      "\"software_roles\":[\"AISP\",\"PISP\"],\"org_id\":\"" ORG_ID "\",\"org_name\":\"Acme\","
      "\"org_status\":\"Active\",\"software_jwks_endpoint\":\"https://keys.example/acme.jwks\"}",
      { { .type = "C", .value = "GB", .asn1 = 19 },
        { .type = "O", .value = "Acme" },
        { .type = "2.5.4.97", .value = "PSDGB-FCA-123456" },
        { .type = "CN", .value = ORG_ID } } },
    { "brazil",
      false,
      NULL,
      "{\"redirect_uris\":[\"https://acme.example/cb\"],\"jwks_uri\":\"https://keys.example/acme.jwks\","
      "\"token_endpoint_auth_method\":\"tls_client_auth\",\"tls_client_auth_subject_dn\":\"" OFBR_DN "\","
      "\"grant_types\":[\"authorization_code\",\"implicit\",\"refresh_token\",\"client_credentials\"],"
      "\"response_types\":[\"code id_token\"],\"scope\":\"openid accounts resources\"}",
      "{\"alg\":\"PS256\",\"kid\":\"d1\",\"typ\":\"JWT\"}",
      "{\"iss\":\"Open Banking Brasil\",\"iat\":1799999900,\"software_id\":\"" UUID "\","
      "\"software_client_name\":\"Acme\",\"software_redirect_uris\":[\"https://acme.example/cb\"],"
      "\"software_statement_roles\":[{\"role\":\"DADOS\",\"status\":\"Active\"},"
      "{\"role\":\"PAGTO\",\"status\":\"Inactive\"}],\"org_id\":\"" UUID2 "\",\"org_status\":\"Active\","
      "\"software_jwks_uri\":\"https://keys.example/acme.jwks\"}",
      { { .type = "C", .value = "BR", .asn1 = 19 },
        { .type = "O", .value = "Acme" },
        { .type = "2.5.4.97", .value = "OFBBR-" UUID2 },
        { .type = "UID", .value = UUID },
        { .type = "CN", .value = "acme.example" } } },
    { "sandbox",
      false,
      NULL,
      "{\"client_name\":\"somebody\",\"token_endpoint_auth_method\":\"tls_client_auth\","
      "\"tls_client_auth_subject_dn\":\"" GENERIC_DN "\",\"scope\":\"accounts\","
      "\"redirect_uris\":[\"https://acme.example/cb\"],\"contacts\":[\"ops@acme.example\"]}",
      "{\"alg\":\"ES256\"}",
      "{\"iss\":\"https://directory.example\",\"client_name\":\"Acme\",\"software_id\":\"acme-1\","
      "\"exp\":1800086400}",
      { { .type = "O", .value = "Acme" }, { .type = "CN", .value = "acme" } } },
};

static json_t *parse(const char *text)
{
    json_t *o = text == NULL ? json_object() : json_loads(text, JSON_DECODE_ANY, NULL);
    cr_assert_not_null(o, "%s", text);
    return o;
}

struct applicant applicant_of(const char *directory)
{
    struct applicant a = { .is_signed = false };
    for (size_t i = 0; i < CB_COUNT(good); i++) {
        if (cb_str_is(cb_str_of(directory), good[i].directory)) {
            a.is_signed = good[i].is_signed;
            a.parts[REQUEST] = parse(good[i].request);
            a.parts[REQUEST_HEADER] = parse(good[i].request_header);
            a.parts[STATEMENT] = parse(good[i].statement);
            a.parts[STATEMENT_HEADER] = parse(good[i].statement_header);
            a.certificate = pki_issue(&(struct pki_spec){ .subject = good[i].subject });
        }
    }
    cr_assert_not_null(a.certificate);
    return a;
}

void applicant_free(struct applicant *a)
{
    for (size_t i = 0; i < PARTS; i++) {
        json_decref(a->parts[i]);
    }
    pki_free(a->certificate);
}

void applicant_set(struct applicant *a, enum part part, const char *member, const char *value)
{
    if (value == NULL) {
        (void)json_object_del(a->parts[part], member);
    } else {
        cr_assert_eq(json_object_set_new(a->parts[part], member, parse(value)), 0);
    }
}

static void add_part(struct cb_buf *b, const json_t *o)
{
    struct cb_str text = { 0 };
    cr_assert_not(CB_FAILED(cb_claims_text(&arena, o, &text, NULL)));
    cb_base64url_add(b, text.p, text.n);
}

static struct cb_str jws_of(const json_t *header, const json_t *claims)
{
    struct cb_buf b;
    cb_buf_init(&b, 1 << 20);
    add_part(&b, header);
    cb_buf_add_char(&b, '.');
    add_part(&b, claims);
    cb_buf_add_cstr(&b, ".AAAA");
    const struct cb_str text = cb_arena_str(&arena, cb_buf_str(&b));
    cb_buf_done(&b);
    return text;
}

struct cb_str applicant_body(const struct applicant *a)
{
    const struct cb_str statement = jws_of(a->parts[STATEMENT_HEADER], a->parts[STATEMENT]);
    json_t *request = json_deep_copy(a->parts[REQUEST]);
    if (json_object_get(request, "software_statement") == NULL) {
        (void)json_object_set_new(request, "software_statement", json_stringn(statement.p, statement.n));
    }
    struct cb_str body = { 0 };
    if (a->is_signed) {
        body = jws_of(a->parts[REQUEST_HEADER], request);
    } else {
        cr_assert_not(CB_FAILED(cb_claims_text(&arena, request, &body, NULL)));
    }
    json_decref(request);
    return body;
}

struct cb_application applicant_read(const struct applicant *a)
{
    struct cb_application app = { .now = 0 };
    struct cb_cert *cert = cb_arena_alloc(&arena, sizeof *cert);
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(a->certificate), cert, &err)), "%s", err.detail);
    cr_assert_not(
        CB_FAILED(cb_application_read(&arena, applicant_body(a), a->is_signed, &config, NOW, &app, &err)),
        "%s", err.detail);
    app.has = CB_HAS_STATEMENT_KEYS | CB_HAS_REQUEST_KEYS | CB_HAS_CERTIFICATE;
    app.certificate = cert;
    app.facts = (struct cb_profile_facts){
        .form = CB_FORM_PLAIN,
        .organisation_id = cb_application_organisation_id(&app),
        .software_id = app.scheme == CB_SCHEME_OFBR ? cb_application_software_id(&app) : (struct cb_str){ 0 },
    };
    return app;
}
