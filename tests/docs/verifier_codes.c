/* docs/verifier.md against the codes of the library: verifier_codes HEADER PAGE. Prints the rows that the
 * page must have, each up to what it means, and says which are missing and whether there are others. */
#include <certbound/verifier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 16 };

static void read_all(const char *path, char text[MOST])
{
    FILE *f = fopen(path, "rb");
    const size_t n = f == NULL ? 0 : fread(text, 1, MOST - 1, f);
    text[n] = '\0';
    if (f != NULL) {
        (void)fclose(f);
    }
}

/* The next "CERTBOUND_... = N" behind `at`: the enumeration is the only place with that form. */
static const char *next_code(const char *at, char name[64], int *number)
{
    while ((at = strstr(at, "    CERTBOUND_")) != NULL) {
        at += 4;
        const size_t n = strcspn(at, " ,\n");
        if (n < 64 && strncmp(at + n, " = ", 3) == 0) {
            memcpy(name, at, n);
            name[n] = '\0';
            *number = (int)strtol(at + n + 3, NULL, 10);
            return at + n;
        }
    }
    return NULL;
}

static int count(const char *text, const char *what)
{
    int n = 0;
    while ((text = strstr(text, what)) != NULL) {
        n++;
        text++;
    }
    return n;
}

int main(int argc, char **argv)
{
    static char header[MOST], page[MOST];
    if (argc != 3) {
        return 2;
    }
    read_all(argv[1], header);
    read_all(argv[2], page);
    int rows = 0, known = 0, missing = 0, number = 0;
    char name[64], row[256];
    for (const char *at = header; (at = next_code(at, name, &number)) != NULL; rows++) {
        const certbound_code code = (certbound_code)number;
        (void)snprintf(row, sizeof row, "\n| %d | `%s` | `%s` | %d | ", number, name,
                       certbound_code_name(code), certbound_code_status(code));
        const int here = strstr(page, row) != NULL;
        (void)printf("%s%s", row, here ? "" : "<- missing");
        missing += !here;
    }
    for (int i = 0; i < 1000; i++) {
        known += strcmp(certbound_code_name((certbound_code)i), "unknown") != 0;
    }
    const int listed = count(page, "| `CERTBOUND_");
    (void)printf("\n\n%d codes in the header, %d in the library, %d on the page\n", rows, known, listed);
    return missing == 0 && rows > 0 && rows == known && rows == listed ? 0 : 1;
}
