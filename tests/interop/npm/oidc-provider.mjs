// An independent issuer of certificate-bound tokens: prints one line of JSON when it listens, ends with stdin.
//   node oidc-provider.mjs HOST CLIENT_CA CERTIFICATE PRIVATE_KEY AUDIENCE
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider from 'oidc-provider';

const [host, ca, cert, key, audience] = process.argv.slice(2);
const server = createServer({
  ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key), requestCert: true, rejectUnauthorized: false,
});
await new Promise((listening) => server.listen(0, host, listening));
const issuer = `https://${host}:${server.address().port}`;

const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'partner-a',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_subject_dn: 'CN=partner-a,O=Test',
    tls_client_certificate_bound_access_tokens: true,
    id_token_signed_response_alg: 'ES256',
    scope: 'accounts',
  }],
  clientAuthMethods: ['tls_client_auth'],
  jwks: { keys: [{ ...signing, alg: 'ES256', use: 'sig', kid: 'theirs' }] },
  scopes: ['accounts'],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      getCertificate: ({ socket }) => socket.getPeerX509Certificate(),
      certificateAuthorized: ({ socket }) => socket.authorized,
      certificateSubjectMatches: ({ socket }, property, expected) => socket.getPeerX509Certificate().subject
        .split('\n').reverse().join(',') === expected,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      getResourceServerInfo: () => ({
        scope: 'accounts', audience, accessTokenFormat: 'jwt', accessTokenTTL: 300, jwt: { sign: { alg: 'ES256' } },
      }),
      useGrantedResource: () => true,
    },
  },
});
server.on('request', provider.callback());
console.log(JSON.stringify({ issuer }));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
