-- Registers a client. The unique constraints decide between concurrent callers.
-- Parameters: client_id, client_name, trust_group, auth_method, subject_kind, subject, jwks, scope, grant_types,
--             identity, enabled, created_at, updated_at.
-- Indexes: those of client_id and identity.
INSERT INTO clients (client_id, client_name, trust_group, auth_method, subject_kind, subject, jwks, scope, grant_types,
                     identity, enabled, created_at, updated_at, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1)
