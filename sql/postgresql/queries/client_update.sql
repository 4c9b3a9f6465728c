-- Replaces a client if its revision is still the one given: of concurrent callers one changes the row.
-- Parameters: client_id, client_name, trust_group, auth_method, subject_kind, subject, jwks, scope, grant_types,
--             identity, enabled, updated_at, issuer_key, jwks_uri, directory, software_id, organisation_id, roles,
--             metadata, registration_token_hash, statement_expires_at, suspended_at, statement_issued_at,
--             revision.
-- What was read from jwks_uri stays while that does: whoever updates may have read the client before it came.
-- Indexes: those of client_id, identity and registration_token_hash.
UPDATE clients
SET client_name = $2, trust_group = $3, auth_method = $4, subject_kind = $5, subject = $6, scope = $8, grant_types = $9,
    jwks = CASE WHEN $14 <> '' AND jwks_uri = $14 THEN jwks ELSE $7 END,
    identity = $10, enabled = $11, updated_at = $12, issuer_key = $13, jwks_uri = $14,
    directory = $15, software_id = $16, organisation_id = $17, roles = $18, metadata = $19,
    registration_token_hash = $20, statement_expires_at = $21, suspended_at = $22,
    statement_issued_at = $23, revision = revision + 1
WHERE client_id = $1 AND revision = $24
