#!/bin/sh
# The database, with the password that was made at the first start: it is in a volume, never in the repository.
set -eu
POSTGRES_PASSWORD=$(cat /secret/password)
export POSTGRES_PASSWORD
exec docker-entrypoint.sh postgres
