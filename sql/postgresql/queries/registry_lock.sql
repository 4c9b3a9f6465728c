-- Makes those who must decide on the whole registry wait for each other until the transaction ends.
-- Parameters: none.
-- Index: none, there is one row.
SELECT generation FROM registry_state FOR UPDATE
