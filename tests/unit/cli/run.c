#include "run.h"

#include <criterion/criterion.h>
#include <stdlib.h>

void run(struct run *r, const struct cb_command *const *commands, size_t count, const char *const *words)
{
    char *argv[32] = { (char *)"certbound" };
    int argc = 1;
    for (; words[argc - 1] != NULL; argc++) {
        argv[argc] = (char *)words[argc - 1];
    }
    *r = (struct run){ 0 };
    FILE *out = open_memstream(&r->out, &r->out_size), *err = open_memstream(&r->err, &r->err_size);
    cr_assert(out != NULL && err != NULL);
    r->status = cb_cli_run(commands, count, argc, argv, out, err);
    fclose(out);
    fclose(err);
}

void run_done(struct run *r)
{
    free(r->out);
    free(r->err);
    *r = (struct run){ 0 };
}
