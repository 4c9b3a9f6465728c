-- What the admin API looks up.

-- Finds whose a certificate is: certificate_find.
CREATE INDEX client_certificates_by_x5t ON client_certificates (x5t);
-- Order of revocation_page.
CREATE INDEX revoked_certificates_order ON revoked_certificates (revoked_at, x5t);
