-- What a registration that is replaced must not lose.

ALTER TABLE clients ADD COLUMN statement_issued_at BIGINT NOT NULL DEFAULT 0 CHECK (statement_issued_at >= 0);
COMMENT ON COLUMN clients.statement_issued_at IS
    'When the software statement was issued that the client registered with; 0: unknown.';
