/* Many threads, one log: every line whole, every event counted, while the level changes under them. */
#include "log/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS = 8, LINES = 2000 };

struct writer {
    pthread_t thread;
    struct cb_log *log;
    int number;
};

static void *write_lines(void *ctx)
{
    const struct writer *w = ctx;
    for (int i = 0; i < LINES; i++) {
        /* The grave ones are written at any level, the others sometimes. */
        CB_LOG(w->log, CB_EV_REQUEST_FAILED, NULL, CB_F_INT("thread", w->number), CB_F_INT("line", i),
               CB_F_CSTR("text", "\"quoted\"\n"));
        CB_LOG(w->log, CB_EV_TOKEN_ISSUED, NULL, CB_F_INT("thread", w->number));
        cb_log_set_level(w->log, i % 2 == 0 ? CB_LOG_ERROR : CB_LOG_INFO);
    }
    return NULL;
}

static int check_lines(FILE *f)
{
    char line[4096];
    int grave = 0;
    rewind(f);
    while (fgets(line, sizeof line, f) != NULL) {
        const size_t n = strlen(line);
        if (n < 3 || line[0] != '{' || line[n - 2] != '}' || strchr(line + 1, '{') != NULL) {
            (void)fprintf(stderr, "not a whole line: %s", line);
            return 1;
        }
        grave += strstr(line, "\"request_failed\"") != NULL;
    }
    if (grave != THREADS * LINES) {
        (void)fprintf(stderr, "%d lines instead of %d\n", grave, THREADS * LINES);
        return 1;
    }
    return 0;
}

static int check_counts(const struct cb_log *log)
{
    const uint64_t issued = cb_log_count(log, CB_EV_TOKEN_ISSUED),
                   failed = cb_log_count(log, CB_EV_REQUEST_FAILED);
    return issued == THREADS * LINES && failed == THREADS * LINES ? 0 : 1;
}

int main(void)
{
    struct writer writers[THREADS] = { 0 };
    struct cb_log *log = NULL;
    struct cb_err err = { 0 };
    FILE *f = tmpfile();
    if (f == NULL || CB_FAILED(cb_log_new(fileno(f), CB_LOG_INFO, &log, &err))) {
        return 1;
    }
    for (int i = 0; i < THREADS; i++) {
        writers[i].log = log;
        writers[i].number = i;
        if (pthread_create(&writers[i].thread, NULL, write_lines, &writers[i]) != 0) {
            abort();
        }
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(writers[i].thread, NULL);
    }
    const int status = check_lines(f) | check_counts(log);
    cb_log_free(log);
    (void)fclose(f);
    return status;
}
