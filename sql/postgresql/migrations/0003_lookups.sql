-- What the admin API looks up.

CREATE INDEX client_certificates_by_x5t ON client_certificates (x5t);
CREATE INDEX revoked_certificates_order ON revoked_certificates (revoked_at, x5t);
COMMENT ON INDEX client_certificates_by_x5t IS 'Finds whose a certificate is: certificate_find.';
COMMENT ON INDEX revoked_certificates_order IS 'Order of revocation_page.';
