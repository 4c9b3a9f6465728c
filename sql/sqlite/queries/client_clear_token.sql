-- Makes a registration access token worthless, whoever's it is.
-- Parameters: registration_token_hash.
-- Index: that of registration_token_hash.
UPDATE clients SET registration_token_hash = NULL, revision = revision + 1 WHERE registration_token_hash = ?1
