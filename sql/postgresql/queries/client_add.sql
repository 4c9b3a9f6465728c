-- Registers a client. The unique constraints decide between concurrent callers.
-- Parameters: client_id, client_name, trust_group, auth_method, subject_kind, subject, jwks, scope, grant_types,
--             identity, enabled, updated_at, issuer_key, jwks_uri, directory, software_id, organisation_id, roles,
--             metadata, registration_token_hash, statement_expires_at, suspended_at, statement_issued_at,
--             created_at.
-- Indexes: those of client_id, identity and registration_token_hash.
INSERT INTO clients (client_id, client_name, trust_group, auth_method, subject_kind, subject, jwks, scope, grant_types,
                     identity, enabled, updated_at, issuer_key, jwks_uri, directory, software_id, organisation_id,
                     roles, metadata, registration_token_hash, statement_expires_at, suspended_at,
                     statement_issued_at, created_at, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
        $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, 1)
