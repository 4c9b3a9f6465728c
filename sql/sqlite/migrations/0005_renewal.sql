-- What a registration that is replaced must not lose.

-- When the software statement was issued that the client registered with; 0: unknown.
ALTER TABLE clients ADD COLUMN statement_issued_at INTEGER NOT NULL DEFAULT 0 CHECK (statement_issued_at >= 0);
