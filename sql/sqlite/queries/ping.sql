-- Is the database there, and is it one? Reads the first page of the file.
-- Parameters: none.
-- Index: none.
SELECT 1 FROM sqlite_schema LIMIT 1
