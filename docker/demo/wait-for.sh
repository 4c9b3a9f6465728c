#!/bin/sh
# wait-for.sh FILE COMMAND...: runs the command once the file is there; the order of the containers is left to chance.
file=$1
shift
until [ -s "$file" ]; do sleep 0.2; done
exec "$@"
