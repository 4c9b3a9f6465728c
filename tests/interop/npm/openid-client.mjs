// A partner on openid-client: discovery, then a token over mutual TLS. Prints the token reply.
//   node openid-client.mjs ISSUER CLIENT_ID CA CERTIFICATE PRIVATE_KEY oauth2|oidc
import { readFileSync } from 'node:fs';
import * as client from 'openid-client';
import { Agent, fetch } from 'undici';

const [issuer, clientId, ca, cert, key, algorithm] = process.argv.slice(2);
const dispatcher = new Agent({
  connect: { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) },
});

try {
  const config = await client.discovery(
    new URL(issuer),
    clientId,
    { use_mtls_endpoint_aliases: true },
    client.TlsClientAuth(),
    { algorithm, [client.customFetch]: (url, init) => fetch(url, { ...init, dispatcher }) },
  );
  const tokens = await client.clientCredentialsGrant(config, { scope: 'accounts' });
  console.log(JSON.stringify({ tokens }));
} catch (e) {
  console.log(JSON.stringify({ error: e.error ?? e.code, message: e.message }));
} finally {
  await dispatcher.close();
}
