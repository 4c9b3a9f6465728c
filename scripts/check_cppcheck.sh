#!/bin/sh
# cppcheck over the product, by the compile commands of preset dev. scripts/cppcheck_suppressions.txt says what it may keep to
# itself, and why.
set -eu
cd "$(dirname "$0")/.."
[ -f build/dev/compile_commands.json ] || cmake --preset dev >/dev/null
mkdir -p build/cppcheck
exec cppcheck --project=build/dev/compile_commands.json --cppcheck-build-dir=build/cppcheck -j "$(nproc)" \
    --enable=warning,performance,portability --inline-suppr --error-exitcode=1 --quiet \
    --suppressions-list=scripts/cppcheck_suppressions.txt -itests
