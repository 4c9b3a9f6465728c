-- All keys in the order of their time.
-- Parameters: none.
-- Index: none, there are few.
SELECT kid, alg, public_jwk, sealed, created_at, active_from, coalesce(retired_at, 0)
FROM signing_keys ORDER BY active_from, kid
