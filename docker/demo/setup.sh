#!/bin/sh
# Brings the database to this version's schema and registers partner A, as an operator would; partner B comes by itself.
set -eu
config=/etc/certbound/certbound.yaml
until certbound db migrate --config $config; do sleep 1; done
certbound client show partner-a --config $config >/dev/null 2>&1 ||
    certbound client add --config $config --client-id partner-a --certificate /etc/certbound/partner-a.pem \
        --scope "accounts payments" >/dev/null
echo "setup: partner-a is registered"
