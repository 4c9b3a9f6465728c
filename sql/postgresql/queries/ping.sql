-- Is the database there?
-- Parameters: none.
-- Index: none.
SELECT 1
