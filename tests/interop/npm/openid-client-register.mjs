// A partner on openid-client: discovery, dynamic registration, then a token over mutual TLS. Prints what it was
// registered as, and the token reply.
//   node openid-client-register.mjs ISSUER METADATA CA CERTIFICATE PRIVATE_KEY oauth2|oidc
import { readFileSync } from 'node:fs';
import * as client from 'openid-client';
import { Agent, fetch } from 'undici';

const [issuer, metadata, ca, cert, key, algorithm] = process.argv.slice(2);
const dispatcher = new Agent({
  connect: { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) },
});

try {
  const config = await client.dynamicClientRegistration(
    new URL(issuer),
    JSON.parse(metadata),
    client.TlsClientAuth(),
    { algorithm, [client.customFetch]: (url, init) => fetch(url, { ...init, dispatcher }) },
  );
  const tokens = await client.clientCredentialsGrant(config, { scope: 'accounts' });
  console.log(JSON.stringify({ registered: config.clientMetadata(), tokens }));
} catch (e) {
  console.log(JSON.stringify({ error: e.error ?? e.cause?.error ?? e.code, message: e.message }));
} finally {
  await dispatcher.close();
}
