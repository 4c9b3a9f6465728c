/* Replays a corpus without libFuzzer, so that every compiler and every ctest run feeds the parsers what once
 * mattered: standalone_driver DIR... A directory that is missing or empty is a failure. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATH_BYTES = 4096 };

/* The input gets exactly its own heap block: one byte read behind it is found by the sanitizer. */
static int replay_file(const char *path)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    if (f == NULL || fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)fprintf(stderr, "%s: not a readable file\n", path);
        if (f != NULL) {
            (void)fclose(f);
        }
        return -1;
    }
    const size_t size = (size_t)st.st_size;
    uint8_t *data = size == 0 ? NULL : malloc(size);
    const int ok = (size == 0 || data != NULL) && fread(data, 1, size, f) == size;
    (void)fclose(f);
    if (ok) {
        (void)LLVMFuzzerTestOneInput(data, size);
    } else {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
    }
    free(data);
    return ok ? 0 : -1;
}

static long replay_dir(const char *dir)
{
    DIR *d = opendir(dir);
    if (d == NULL) {
        (void)fprintf(stderr, "%s: no such corpus\n", dir);
        return -1;
    }
    long count = 0;
    for (const struct dirent *e = readdir(d); e != NULL && count >= 0; e = readdir(d)) {
        if (e->d_name[0] == '.') {
            continue;
        }
        char path[PATH_BYTES];
        const int n = snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        count = n < PATH_BYTES && replay_file(path) == 0 ? count + 1 : -1;
    }
    (void)closedir(d);
    return count;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: %s CORPUS_DIR...\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        const long count = replay_dir(argv[i]);
        if (count <= 0) {
            (void)fprintf(stderr, "%s: the corpus is empty or unreadable\n", argv[i]);
            return 1;
        }
        (void)printf("%s: %ld inputs\n", argv[i], count);
    }
    return 0;
}
