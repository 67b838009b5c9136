// An independent OpenID provider (npm oidc-provider, certified) with one client and one person.
// Reads {port, client_id, client_secret, redirect_uri} as JSON from its first argument.
import { Provider } from 'oidc-provider';

const told = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${told.port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: told.client_id, client_secret: told.client_secret,
    redirect_uris: [told.redirect_uri], grant_types: ['authorization_code'],
    response_types: ['code'], token_endpoint_auth_method: 'client_secret_basic',
  }],
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});
provider.listen(told.port, '127.0.0.1', () => console.log(`ready ${issuer}`));
