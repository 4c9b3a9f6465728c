/* A form and its binding: RFC 6749 appendix B. */
#include <stdlib.h>

#include "base/limits.h"
#include "http/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct form {
    struct cb_str grant_type, scope;
    struct cb_param_list resources;
};

static bool printable(struct cb_str s)
{
    return s.n > 0 && s.p[0] >= ' ' && s.p[s.n - 1] != '\0';
}

static const struct cb_param params[] = {
    { .name = "grant_type", .required = true, .max = 64, .offset = offsetof(struct form, grant_type) },
    { .name = "scope", .max = 32, .valid = printable, .offset = offsetof(struct form, scope) },
    { .name = "resource", .max = 32, .offset = offsetof(struct form, resources), .repeatable = true },
};
static const struct cb_param_table table = { .params = params,
                                             .count = CB_COUNT(params),
                                             .form_size = sizeof(struct form) };

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *body = malloc(size == 0 ? 1 : size); /* decoded in place; exactly as long, for the sanitizer */
    demand(body != NULL);
    if (size > 0) {
        memcpy(body, data, size);
    }
    struct cb_arena a;
    cb_arena_init(&a, CB_LIMIT_REQUEST_ARENA);
    const void *bound = NULL;
    struct cb_str id = { 0 };
    struct cb_err err = { 0 };
    if (CB_FAILED(cb_form_bind(&a, &table, body, size, &bound, &id, &err))) {
        demand(err.code != CB_E_NONE && bound == NULL && id.n == 0);
    } else {
        const struct form *form = bound;
        demand(form->grant_type.n > 0 && form->grant_type.n <= 64 && form->scope.n <= 32);
        demand(id.n <= CB_LIMIT_CLIENT_ID && form->resources.count <= CB_COUNT(form->resources.values));
    }
    cb_arena_done(&a);
    free(body);
    return 0;
}
