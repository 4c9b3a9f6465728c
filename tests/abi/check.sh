#!/bin/sh
# What the library gives and what it takes:
#
#   check.sh SHARED ARCHIVE SYMBOLS
#
# Both builds define the listed symbols and no other; the list only grows. Neither can end the process, print, read the
# environment, or reach network and files, whatever a caller does.
set -eu
shared=$1 archive=$2 symbols=$3
bad=0

for given in "nm -D --defined-only $shared" "nm -g --defined-only $archive"; do
    # the sanitizers' own symbols are no business of ours
    if ! $given | awk 'NF == 3 && $3 !~ /^_?_(asan|odr_asan|lsan|ubsan|tsan|start___|stop___)/ { print $3 }' | LC_ALL=C sort |
        diff -u "$symbols" -; then
        echo "$given: not the symbols of $symbols"
        bad=1
    fi
done

forbidden='_?_?(exit|_exit|quick_exit|abort|assert_fail|(v?(f|d)?printf|puts|fputs|fwrite|putc(har)?)(_chk)?|perror|getenv|secure_getenv|setenv|socket|connect|getaddrinfo|syslog|fopen|open|openat|read|write|system|popen|exec[a-z]*|fork|signal|sigaction|setlocale|OPENSSL_init_crypto|OPENSSL_config|CRYPTO_set_mem_functions|json_set_alloc_funcs|ERR_clear_error|RAND_seed)'
taken=$(nm -D -u "$shared" | awk '{ sub(/@.*/, "", $2); print $2 }')
if echo "$taken" | grep -Ex "$forbidden"; then
    echo "$shared: must not be able to call these"
    bad=1
fi
exit $bad
