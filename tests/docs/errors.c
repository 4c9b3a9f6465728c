/* docs/errors.md against the tables it is made of. Without arguments it prints the page; with a file it
 * compares. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "oauth/exchange.h"

static void write_rows(struct cb_buf *out)
{
    for (int i = 1; i < CB_E__MAX; i++) {
        const enum cb_code code = (enum cb_code)i;
        if (cb_code_class(code) == CB_CLASS_INTERNAL || cb_code_class(code) == CB_CLASS_OPERATOR) {
            continue;
        }
        const struct cb_error_answer *a = cb_error_of(code);
        if (strcmp(a->error, "server_error") == 0) {
            continue; /* never leaves the server by itself */
        }
        cb_buf_add_fmt(out, "| `%s` | %d | `%s` | ", cb_code_reason(code), a->status, a->error);
        cb_buf_add_cstr(out, a->description);
        cb_buf_add_cstr(out, " |\n");
    }
}

static void write_page(struct cb_buf *out)
{
    cb_buf_add_cstr(
        out, "# Errors\n\n"
             "Every answer of the server that is not a success, made from the tables in "
             "`common/base/codes.def` and\n"
             "`server/oauth/errors.c` (`tests/docs/errors.c` prints this page and a test compares it).\n\n"
             "A refusal is JSON, `{\"error\": ..., \"error_description\": ...}` (RFC 6749 section 5.2), "
             "never repeats what\n"
             "was sent, and carries a `Certbound-Request-Id` header. The operator finds the request under "
             "that id in the\n"
             "log, with the reason and a detail that the answer does not show: for a subject that does not "
             "match, which RDN\n"
             "differs and the string to register.\n\n"
             "`invalid_client` answers 400: RFC 6749 asks for 401 only where an `Authorization` header was "
             "used, and HTTP\n"
             "clients that meet a 401 without a scheme they know tend to hide the body that says what is "
             "wrong.\n\n"
             "Where a body that is refused goes on for more than 256 KiB, the connection ends, perhaps "
             "without the answer; the\n"
             "log has the refusal.\n\n"
             "| reason in the log | status | error | error_description |\n"
             "|---|---|---|---|\n");
    write_rows(out);
    cb_buf_add_cstr(
        out, "\nAnything else is the server's own fault: 500, `server_error`, and the log says why.\n");
}

int main(int argc, char **argv)
{
    struct cb_buf page;
    cb_buf_init(&page, 1 << 20);
    write_page(&page);
    if (page.failed) {
        return 1;
    }
    if (argc < 2) {
        return fwrite(page.p, 1, page.n, stdout) == page.n ? 0 : 1;
    }
    static char have[1 << 20];
    FILE *f = fopen(argv[1], "rb");
    const size_t n = f == NULL ? 0 : fread(have, 1, sizeof have, f);
    if (f != NULL) {
        (void)fclose(f);
    }
    const int same = n == page.n && memcmp(have, page.p, n) == 0;
    if (!same) {
        (void)fprintf(stderr, "%s is not current: print it again with this program\n", argv[1]);
    }
    cb_buf_done(&page);
    return same ? 0 : 1;
}
