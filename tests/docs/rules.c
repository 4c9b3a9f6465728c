/* docs/registration.md against the tables of rules: the same rules in the same order, with their schemes and
 * error words. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "oauth/exchange.h"
#include "onboarding/rules.h"

static const char *schemes_of(const struct cb_rule *rule)
{
    return rule->schemes == CB_SCHEMES_ALL                      ? "all"
           : rule->schemes == (CB_SCHEME_OBUK | CB_SCHEME_OFBR) ? "obuk, ofbr"
           : rule->schemes == CB_SCHEME_OBUK                    ? "obuk"
           : rule->schemes == CB_SCHEME_OFBR                    ? "ofbr"
           : rule->schemes == CB_SCHEME_GENERIC                 ? "generic"
                                                                : "";
}

/* A certificate is refused in the words of the certificate. */
static const char *error_of(const struct cb_rule *rule)
{
    return strcmp(rule->name, "certificate_trusted") == 0 ? cb_error_of(CB_E_CERT_EXPIRED)->error
                                                          : cb_error_of(rule->refusal)->error;
}

static const char *after_row(const char *text, const struct cb_rule *rule)
{
    char memory[256];
    struct cb_buf row;
    cb_buf_over(&row, memory, sizeof memory);
    cb_buf_add_fmt(&row, "\n| `%s` | %s | `%s` | ", rule->name, schemes_of(rule), error_of(rule));
    cb_buf_add_char(&row, '\0');
    const char *found = row.failed ? NULL : strstr(text, row.p);
    if (found == NULL) {
        (void)fprintf(stderr, "docs/registration.md lacks, or has elsewhere: %s\n", memory + 1);
    }
    return found;
}

int main(int argc, char **argv)
{
    struct cb_arena arena;
    struct cb_str page = { 0 };
    cb_arena_init(&arena, CB_MIB);
    if (argc != 2 || CB_FAILED(cb_file_read(&arena, argv[1], CB_MIB, &page, NULL))) {
        return 1;
    }
    const char *at = page.p;
    for (size_t t = 0; t < cb_rules_all_count; t++) {
        for (size_t i = 0; i < cb_rules_all[t]->count; i++) {
            at = after_row(at, &cb_rules_all[t]->rules[i]);
            if (at == NULL) {
                return 1;
            }
        }
    }
    cb_arena_done(&arena);
    return 0;
}
