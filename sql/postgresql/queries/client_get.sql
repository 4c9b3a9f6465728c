-- One client.
-- Parameters: client_id.
-- Index: that of client_id.
SELECT client_id, client_name, trust_group, auth_method, subject_kind, subject, jwks, scope, grant_types, identity,
       enabled, created_at, updated_at, revision
FROM clients WHERE client_id = $1
