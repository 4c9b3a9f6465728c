-- Replaces a client if its revision is still the one given: of concurrent callers one changes the row.
-- Parameters: client_id, client_name, trust_group, auth_method, subject_kind, subject, jwks, scope, grant_types,
--             identity, enabled, updated_at, revision.
-- Indexes: those of client_id and identity.
UPDATE clients
SET client_name = $2, trust_group = $3, auth_method = $4, subject_kind = $5, subject = $6, jwks = $7, scope = $8,
    grant_types = $9, identity = $10, enabled = $11, updated_at = $12, revision = revision + 1
WHERE client_id = $1 AND revision = $13
