-- Forgets a client, of a revision that is given: 0 is any.
-- Parameters: client_id, revision.
-- Index: that of client_id.
DELETE FROM clients WHERE client_id = ?1 AND (?2 = 0 OR revision = ?2)
