-- Adds a key unless one that is not retired waits for its time or, if only the first is wanted, unless any is there.
-- Runs under registry_lock, which makes concurrent callers wait for each other.
-- Parameters: kid, alg, public_jwk, sealed, created_at, active_from, now, first_only.
-- Index: that of kid.
INSERT INTO signing_keys (kid, alg, public_jwk, sealed, created_at, active_from)
SELECT ?1, ?2, ?3, ?4, ?5, ?6
WHERE NOT EXISTS (SELECT 1 FROM signing_keys WHERE retired_at IS NULL AND (active_from > ?7 OR ?8))
