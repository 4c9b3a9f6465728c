-- Ends a key; a second call finds nothing to end.
-- Parameters: kid, retired_at.
-- Index: that of kid.
UPDATE signing_keys SET retired_at = $2 WHERE kid = $1 AND retired_at IS NULL
