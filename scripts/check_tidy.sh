#!/bin/sh
# clang-tidy over every source file of the product, by the rules of .clang-tidy. Needs no build, only the
# compile commands of preset dev (and the generated sources, hence the build).
set -eu
cd "$(dirname "$0")/.."
[ -f build/dev/compile_commands.json ] || cmake --preset dev >/dev/null
git ls-files -z 'common/*.c' 'server/*.c' 'verifier/*.c' 'examples/*.c' |
    xargs -0 -r -n 1 -P "$(nproc)" clang-tidy -p build/dev --quiet --warnings-as-errors='*' 2>/dev/null
