-- Forgets a client.
-- Parameters: client_id.
-- Index: that of client_id.
DELETE FROM clients WHERE client_id = ?1
