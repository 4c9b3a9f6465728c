#!/bin/sh
# Can a program outside this tree use the installed library? Installs into a folder of its own, moves that, and builds
# and runs tests/install/program.c by pkg-config, by pkg-config --static and by find_package, shared and static.
#
#   check.sh BUILD_DIR CC
set -eu
build=$1 cc=$2
here=$(cd "$(dirname "$0")" && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

cmake --install "$build" --component verifier --prefix "$out/first" >/dev/null
mv "$out/first" "$out/moved" # nothing may remember where it was
pc=$(find "$out/moved" -name certbound-verifier.pc)
library=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH="$library/pkgconfig"

run() {
    echo "$1: $("$2")" || { echo "$1: the program fails"; exit 1; }
}
strict="-std=c99 -pedantic -Wall -Wextra -Werror"

# shellcheck disable=SC2046,SC2086  # options are meant to split
$cc $strict "$here/program.c" $(pkg-config --cflags --libs certbound-verifier) -Wl,-rpath,"$library" -o "$out/shared"
run pkg-config "$out/shared"
readelf -d "$out/shared" | grep -q 'NEEDED.*libcertbound-verifier.so.0.1' || { echo "SONAME is not 0.1"; exit 1; }

cp -r "$out/moved" "$out/archive" # the linker takes the shared one where it finds both
find "$out/archive" -name '*.so*' -delete
PKG_CONFIG_PATH=$(dirname "$(find "$out/archive" -name certbound-verifier.pc)")
# shellcheck disable=SC2046,SC2086
$cc $strict "$here/program.c" $(pkg-config --static --cflags --libs certbound-verifier) -o "$out/static"
run "pkg-config --static" "$out/static"
! readelf -d "$out/static" | grep -q libcertbound || { echo "the static program needs the shared library"; exit 1; }

mkdir "$out/consumer"
cp "$here/program.c" "$out/consumer"
cp "$here/consumer.cmake" "$out/consumer/CMakeLists.txt"
cmake -S "$out/consumer" -B "$out/consumer/build" -DCMAKE_C_COMPILER="$cc" -DCMAKE_PREFIX_PATH="$out/moved" >/dev/null
cmake --build "$out/consumer/build" >/dev/null
run "find_package, shared" "$out/consumer/build/verifier"
run "find_package, static" "$out/consumer/build/verifier_static"
