// A real OpenID Connect provider with ProConnect's ways, for the tests: node provider.mjs FOLDER_OF_NODE_MODULES
// Whoever asks says who they are: the form takes e-mail, subject, SIRET and acr as they are typed.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const library = join(process.argv[2], 'node_modules/oidc-provider/lib/index.js');
const { default: Provider, interactionPolicy } = await import(pathToFileURL(library));

const ALLOWED = new Set(['response_type', 'client_id', 'redirect_uri', 'scope', 'state', 'nonce', 'claims', 'prompt', 'acr_values',
  'idp_hint', 'login_hint', 'siret_hint']);
const OURS = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?\/agents\/connexion(\/retour)?$/;
const people = new Map();

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'first', use: 'sig', alg: 'RS256' };
}

function page(title, body) {
  return `<!doctype html><html lang="fr"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}</html>`;
}

const policy = interactionPolicy.base();
policy.get('login').checks.remove('essential_acrs'); // as a provider that lets somebody through with less than was asked
policy.get('login').checks.remove('essential_acr');

const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(address, {
  clients: [{
    client_id: 'ouvoir',
    client_secret: 'un secret de test',
    redirect_uris: ['http://localhost/agents/connexion/retour'],
    post_logout_redirect_uris: ['http://localhost/agents/connexion'],
    token_endpoint_auth_method: 'client_secret_post',
    userinfo_signed_response_alg: 'RS256',
  }],
  jwks: { keys: [signingKey()] },
  cookies: { keys: ['seulement pour les tests'] },
  acrValues: ['eidas0', 'eidas0-mfa', 'eidas1', 'eidas1-mfa', 'eidas2', 'eidas3'],
  scopes: ['openid'],
  claims: Object.fromEntries([['openid', ['sub', 'acr']],
    ...['given_name', 'usual_name', 'email', 'uid', 'siret', 'idp_id'].map((name) => [name, [name]])]),
  features: {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: true },
    jwtUserinfo: { enabled: true },
    rpInitiatedLogout: {
      logoutSource(ctx, form) {
        ctx.body = page('Fin de session', `${form}<button form="op.logoutForm" name="logout" value="yes">Confirmer</button>`);
      },
    },
  },
  interactions: { policy, url: (ctx, interaction) => `/identite/${interaction.uid}` },
  pkce: { required: () => false },
  ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Interaction: 600, Session: 43200, Grant: 43200 },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid given_name usual_name email uid siret idp_id');
    grant.addOIDCClaims(['acr']);
    await grant.save();
    return grant;
  },
  findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
});
provider.Client.prototype.redirectUriAllowed = (uri) => OURS.test(uri);
provider.Client.prototype.postLogoutRedirectUriAllowed = (uri) => OURS.test(uri);

function refusal(query) {
  const unknown = [...query.keys()].filter((name) => !ALLOWED.has(name));
  if (unknown.length) return `Y000400 : ${unknown}`;
  return ['state', 'nonce'].filter((name) => (query.get(name) ?? '').length < 32).map((name) => `${name} trop court`)[0];
}

async function identify(request, response) {
  if (request.method !== 'POST') {
    await provider.interactionDetails(request, response);
    const field = (name, value) => `<p><label>${name} <input name="${name}" value="${value}"></label></p>`;
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(page('Fournisseur de test', `<form method="post">${field('email', '')}${field('sub', 'sujet-1')}`
      + `${field('siret', '13002526500013')}${field('acr', 'eidas1-mfa')}<button>Continuer</button></form>`));
    return;
  }
  let body = '';
  for await (const part of request) body += part;
  const { email, sub, siret, acr } = Object.fromEntries(new URLSearchParams(body));
  people.set(sub, { email, siret, uid: sub, idp_id: 'fournisseur-1', given_name: 'Camille', usual_name: 'Martin' });
  await provider.interactionFinished(request, response, { login: { accountId: sub, acr } });
}

const answer = provider.callback();
server.on('request', (request, response) => {
  const { pathname, searchParams } = new URL(request.url, address);
  const refused = pathname === '/auth' ? refusal(searchParams) : undefined;
  if (refused) {
    response.statusCode = 400;
    response.end(refused);
  } else if (pathname.startsWith('/identite/')) {
    identify(request, response).catch((error) => { response.statusCode = 500; response.end(String(error)); });
  } else {
    answer(request, response);
  }
});
console.log(address);
