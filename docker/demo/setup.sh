#!/bin/sh
# Brings the database to this version's schema and registers both partners, as an operator would.
set -eu
config=/etc/certbound/certbound.yaml
until certbound db migrate --config $config; do sleep 1; done
for partner in partner-a partner-b; do
    certbound client show $partner --config $config >/dev/null 2>&1 ||
        certbound client add --config $config --client-id $partner --certificate /etc/certbound/$partner.pem \
            --scope "accounts payments" >/dev/null
    echo "setup: $partner is registered"
done
