#!/bin/sh
# Does every public header compile alone, as C99 and as C++? Links and runs the result.
#
#   check.sh INCLUDE_DIR SHARED CC CXX
set -eu
include=$1 shared=$2 cc=$3 cxx=$4
here=$(dirname "$0")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
strict="-Wall -Wextra -pedantic -Werror -Wshadow -Wundef -I$include"

for header in verifier version; do
    for language in "$cc -std=c99 -Wstrict-prototypes -x c" "$cc -std=c17 -x c" "$cxx -std=c++11 -x c++" "$cxx -std=c++20 -x c++"; do
        # shellcheck disable=SC2086  # a command with its options
        $language $strict -DHEADER="<certbound/$header.h>" "$here/headertest.c" -x none "$shared" \
            -Wl,-rpath,"$(dirname "$shared")" -o "$out/test"
        "$out/test" || { echo "$header.h as $language: the program fails"; exit 1; }
    done
done
# Doc comments that do not fit their function, where clang is there to see them.
if command -v clang >/dev/null; then
    echo '#include <certbound/verifier.h>' | clang -x c -std=c99 -fsyntax-only -pedantic -Wdocumentation -Wdocumentation-pedantic -Werror "-I$include" -
fi
