-- Clients behind one, in the bytewise order of client_id.
-- Parameters: client_id to begin behind, trust_group or empty, directory or empty, enabled (-1: either), limit.
-- Index: that of client_id.
SELECT client_id, client_name, trust_group, auth_method, subject_kind, subject, jwks, scope, grant_types, identity,
       enabled, updated_at, issuer_key, jwks_uri, directory, software_id, organisation_id, roles, metadata,
       registration_token_hash, statement_expires_at, suspended_at, statement_issued_at, created_at, revision
FROM clients
WHERE client_id > $1 AND ($2 = '' OR trust_group = $2) AND ($3 = '' OR directory = $3)
  AND ($4 < 0 OR enabled = ($4 = 1))
ORDER BY client_id LIMIT $5
