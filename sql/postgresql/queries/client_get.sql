-- One client.
-- Parameters: client_id.
-- Index: that of client_id.
SELECT client_id, client_name, trust_group, auth_method, subject_kind, subject, jwks, scope, grant_types, identity,
       enabled, updated_at, issuer_key, jwks_uri, directory, software_id, organisation_id, roles, metadata,
       registration_token_hash, statement_expires_at, suspended_at, statement_issued_at, created_at, revision
FROM clients WHERE client_id = $1
