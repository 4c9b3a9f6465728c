-- Keeps the key set that was read from a client's jwks_uri, if it is another than before.
-- Parameters: client_id, jwks.
-- Index: that of client_id.
UPDATE clients SET jwks = $2 WHERE client_id = $1 AND jwks_uri <> '' AND jwks <> $2
