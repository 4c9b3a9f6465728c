-- Forgets the certificates of a client's key set that were never seen.
-- Parameters: client_id, whether also while a key set is there that was read from its jwks_uri.
-- Indexes: those of client_id, and of client_id and x5t.
DELETE FROM client_certificates
WHERE client_id = $1 AND first_seen = 0
  AND ($2 OR NOT EXISTS (SELECT 1 FROM clients WHERE client_id = $1 AND jwks_uri <> '' AND jwks <> ''))
