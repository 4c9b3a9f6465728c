/* A resource server for certificate-bound tokens: configures a verifier, serves, and ends at SIGTERM. */
#include <certbound/verifier.h>
#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "keys.h"

static const char usage[] = "usage: resource-server --listen HOST:PORT --certificate PEM --private-key PEM\n"
                            "           --issuer URL --audience URL --jwks FILE|https://... [--ca PEM]\n";

enum option_name { LISTEN, CERTIFICATE, PRIVATE_KEY, ISSUER, AUDIENCE, JWKS, CA, OPTIONS };

static const char *const names[OPTIONS] = {
    [LISTEN] = "--listen", [CERTIFICATE] = "--certificate", [PRIVATE_KEY] = "--private-key",
    [ISSUER] = "--issuer", [AUDIENCE] = "--audience",       [JWKS] = "--jwks",
    [CA] = "--ca",
};

static bool set_option(const char *name, const char *value, const char *values[OPTIONS])
{
    for (int i = 0; i < OPTIONS; i++) {
        if (strcmp(name, names[i]) == 0) {
            values[i] = value;
            return true;
        }
    }
    return false;
}

/* Pairs of a name and a value; all but --ca must be there. Keys are never fetched in the clear. */
static bool read_options(int argc, char **argv, const char *values[OPTIONS])
{
    bool good = argc % 2 == 1;
    for (int i = 1; good && i < argc; i += 2) {
        good = set_option(argv[i], argv[i + 1], values);
    }
    for (int i = 0; good && i < CA; i++) {
        good = values[i] != NULL;
    }
    return good && strncmp(values[JWKS], "http://", strlen("http://")) != 0;
}

static certbound_verifier *configured_verifier(const char *issuer, const char *audience)
{
    certbound_verifier *v = certbound_verifier_new();
    if (certbound_verifier_set_issuer(v, issuer) == CERTBOUND_OK &&
        certbound_verifier_set_audience(v, audience) == CERTBOUND_OK) {
        return v;
    }
    certbound_verifier_free(v);
    return NULL;
}

static int serve_until_told(const char *const values[OPTIONS], const sigset_t *end)
{
    struct api api = { .verifier = configured_verifier(values[ISSUER], values[AUDIENCE]) };
    if (api.verifier == NULL) {
        (void)fprintf(stderr, "issuer and audience: 1 to 512 bytes\n");
        return 1;
    }
    struct MHD_Daemon *daemon = NULL;
    api.keys = keys_start(api.verifier, values[JWKS], values[CA]);
    if (api.keys != NULL) {
        daemon = api_start(&api, values[LISTEN], values[CERTIFICATE], values[PRIVATE_KEY]);
    }
    if (daemon != NULL) {
        int signal_number = 0;
        (void)fprintf(stderr, "ready on https://%s\n", values[LISTEN]);
        (void)sigwait(end, &signal_number);
        api_stop(daemon);
    }
    if (api.keys != NULL) {
        keys_stop(api.keys);
    }
    certbound_verifier_free(api.verifier);
    return daemon == NULL ? 1 : 0;
}

int main(int argc, char **argv)
{
    const char *values[OPTIONS] = { NULL };
    if (!read_options(argc, argv, values)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    sigset_t end; /* blocked in all threads; main waits for them */
    (void)sigemptyset(&end);
    (void)sigaddset(&end, SIGTERM);
    (void)sigaddset(&end, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &end, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    const int status = serve_until_told(values, &end);
    curl_global_cleanup();
    return status;
}
