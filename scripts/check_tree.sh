#!/bin/sh
# What must not be in git: unfinished marks, unresolved conflicts, private keys, scripts that cannot be run, folders that
# docs/ARCHITECTURE.md does not know.
set -eu
cd "$(dirname "$0")/.."
bad=0
report() {
    bad=1
    printf '%s:\n%s\n' "$1" "$2"
}

# The patterns are spelled so that this file does not match itself.
marks=$(git grep -nIE '\b(TO''DO|FIX''ME|XX''X|HA''CK)\b' -- ':!LICENSE' ':!tests/vectors' ':!tests/fuzz/corpus' || true)
[ -z "$marks" ] || report 'unfinished marks' "$marks"

conflicts=$(git grep -nIE '^(<<<<<<<|>>>>>>>) ' || true)
[ -z "$conflicts" ] || report 'unresolved conflicts' "$conflicts"

keys=$(git grep -lE -e '-----BEGIN ([A-Z]+ )*PRIVATE'' KEY-----$' || true)
[ -z "$keys" ] || report 'private keys' "$keys"
names=$(git ls-files '*.key' '*.p12' '*.pfx' '*.sqlite')
[ -z "$names" ] || report 'files that look like keys or databases' "$names"

for script in $(git ls-files '*.sh' .ci/run); do
    head -c 2 "$script" | grep -q '^#!' || continue
    [ -x "$script" ] || report 'script without its run bit' "$script"
done

for folder in $(git ls-files 'common/*/*.c' 'server/*/*.c' 'verifier/*.c' | cut -d/ -f1,2 | grep -v '\.c$' | sort -u); do
    grep -q "^$folder/ " docs/ARCHITECTURE.md || report 'folder without a line in docs/ARCHITECTURE.md' "$folder"
done
exit $bad
