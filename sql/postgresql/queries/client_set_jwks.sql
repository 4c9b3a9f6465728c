-- Keeps the key set that was read from a client's jwks_uri, if that is still the same and the set is another.
-- Parameters: client_id, jwks_uri, jwks.
-- Index: that of client_id.
UPDATE clients SET jwks = $3 WHERE client_id = $1 AND jwks_uri <> '' AND jwks_uri = $2 AND jwks <> $3
