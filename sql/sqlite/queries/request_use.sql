-- Uses a signed request. The unique constraint decides between concurrent callers.
-- Parameters: request, expires_at.
-- Index: that of request.
INSERT INTO used_requests (request, expires_at) VALUES (?1, ?2)
