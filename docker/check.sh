#!/bin/sh
# Brings the compose demo up from nothing, asserts the partners' story, and takes it down. Exit status 0 or 1.
# Uses `docker compose`, or podman-compose where there is no Docker.
set -eu
cd "$(dirname "$0")"

if docker compose version >/dev/null 2>&1; then
    compose="docker compose"
elif command -v podman-compose >/dev/null; then
    compose=podman-compose
else
    echo "check: neither docker compose nor podman-compose is here" >&2
    exit 1
fi
compose="$compose -p certbound-check -f compose.yaml"

down() {
    status=$?
    trap - EXIT INT TERM
    [ $status -eq 0 ] || $compose logs --tail 20 2>&1 | tail -n 100
    $compose down -v >/dev/null 2>&1 || true
    exit $status
}
trap down EXIT
trap 'exit 130' INT TERM

$compose down -v >/dev/null 2>&1 || true
$compose build
$compose up -d

# story N: waits until the partners have told their story N times, and prints what they said.
story() {
    tries=0
    until said=$($compose logs partner 2>&1) &&
        { printf '%s' "$said" | grep -q FAILED || [ "$(printf '%s' "$said" | grep -c 'the story is told')" -ge "$1" ]; }; do
        tries=$((tries + 1))
        [ $tries -lt 120 ] || { echo "check: the story is not told after two minutes" >&2; exit 1; }
        sleep 1
    done
    printf '%s\n' "$said"
}
story 1
for step in '1\. .* gave partner-a a token' '2\. it is bound' '3\. .*: 200' '4\. .*: 401 invalid_token' '5\. .*: invalid_client' \
    '6\. .* gave partner-b its software statement' '7\. partner-b registered itself' '8\. .*: 200' '9\. .*: 401' 'the story is told'; do
    printf '%s\n' "$said" | grep -q "$step" || { echo "check: missing: $step" >&2; exit 1; }
done

# Who is registered stays so.
$compose restart partner >/dev/null 2>&1
story 2 >/dev/null
[ "$(printf '%s\n' "$said" | sed -n 's/.*the server calls it //p' | sort -u | wc -l)" = 1 ] && ! printf '%s' "$said" | grep -q FAILED ||
    { echo "check: the second start goes otherwise: $said" >&2; exit 1; }

# Not every compose passes on the exit status of exec; some repeat the command, hence the quotes.
inside() { $compose exec -T authorization-server sh -c "($*) && echo it-is''-so" 2>/dev/null | grep -q it-is-so; }
inside certbound-ready || { echo "check: the health check fails" >&2; exit 1; }
inside '[ "$(id -u)" = 10001 ]' || { echo "check: the server runs as another user" >&2; exit 1; }
! inside 'touch /etc/certbound/x || touch /usr/local/bin/x' || { echo "check: the server may write files" >&2; exit 1; }
! $compose logs 2>&1 | grep -E 'BEGIN .*PRIVATE KEY|eyJ[A-Za-z0-9_-]+\.eyJ' || { echo "check: a secret is in the logs" >&2; exit 1; }
echo "check: the compose demo tells its story; the server is ready, confined, and keeps secrets out of its log"
