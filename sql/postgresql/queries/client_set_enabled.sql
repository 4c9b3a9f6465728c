-- Lets a client in or shuts it out.
-- Parameters: client_id, enabled, updated_at.
-- Index: that of client_id.
UPDATE clients SET enabled = $2, updated_at = $3, revision = revision + 1 WHERE client_id = $1
