// A certified OpenID provider (oidc-provider) with invented workers, for tests on this computer.
//
// It is told what to be by lines of JSON on its standard input, and answers each with a line: first the settings, then
// commands. It ends when its input does.

import { setAhead } from './clock.mjs';

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

import Provider from 'oidc-provider';

/** Invented, as everybody here. */
const WORKERS = new Map([
  ['anna', { name: 'Anna Provare', roles: ['agent'] }],
  ['bertil', { name: 'Bertil Testlund', roles: ['team_lead'] }],
  ['cecilia', { name: 'Cecilia Fiktiv', roles: ['case_officer'] }],
  ['david', { name: 'David Påhitt', roles: ['auditor'] }],
  ['eva', { name: 'Eva Exempelsson', roles: ['admin'] }],
  ['gast', { name: 'Gäst Utanroll', roles: [] }],
]);

const USUAL = {
  port: 0,
  /** Where the issuer lives below its origin. */
  path: '',
  client_id: 'ledsaga-desktop',
  audience: 'https://ledsaga.exempelby.example',
  /** Whether tokens are for the audience without being asked with `resource` (RFC 8707). */
  audience_unasked: true,
  /** A name, or names with points between them. */
  roles_claim: 'roles',
  /** list, words (one text with spaces) or one. */
  roles_shape: 'list',
  alg: 'RS256',
  access_seconds: 600,
  /** OpenID Connect Core, 11: no offline access without `prompt=consent`. */
  consent_for_refresh: true,
  revocation: true,
  end_session: true,
  clock_ahead: 0,
};

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const settings = { ...USUAL, ...JSON.parse((await lines.next()).value) };
setAhead(settings.clock_ahead);

const cookieKeys = [randomUUID()];
let keys = newKeys();
let provider;
let handle;
let server;
const seen = [];
const grants = [];

await listen(settings.port);
answer({ issuer: issuer() });
for (let line = await lines.next(); !line.done; line = await lines.next()) {
  answer((await obey(JSON.parse(line.value))) ?? {});
}
process.exit(0);

function answer(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function obey({ command, ...order }) {
  switch (command) {
    case 'away':
      return away();
    case 'back':
      return listen(settings.port);
    case 'new_keys':
      keys = newKeys();
      return begin();
    case 'end_sessions':
      await Promise.all(grants.splice(0).map(async (id) => (await provider.Grant.find(id))?.destroy()));
      return undefined;
    case 'roles':
      WORKERS.get(order.worker).roles = order.roles;
      return undefined;
    case 'change':
      Object.assign(settings, order.settings);
      setAhead(settings.clock_ahead);
      return begin();
    case 'seen':
      return { seen: seen.splice(0) };
    default:
      throw new Error(`no such command: ${command}`);
  }
}

function issuer() {
  return `http://127.0.0.1:${settings.port}${settings.path}`;
}

/** The path before each of the provider's own. */
function prefix() {
  return settings.path.replace(/\/$/u, '');
}

async function listen(port) {
  server = createServer(serve);
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  settings.port = server.address().port;
  begin();
}

/** Nobody answers any more; what was remembered is kept. */
async function away() {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** The provider as the settings and keys are now. Its storage is the process's, so sessions outlive it. */
function begin() {
  provider = new Provider(issuer(), configuration());
  handle = provider.callback();
}

function newKeys() {
  const kinds = [
    ['rsa', { modulusLength: 2048 }, { alg: 'RS256' }],
    ['rsa', { modulusLength: 2048 }, { alg: 'PS256' }],
    ['ec', { namedCurve: 'P-256' }, { alg: 'ES256' }],
  ];
  return kinds.map(([kind, options, more]) => {
    const { privateKey } = generateKeyPairSync(kind, options);
    return { ...privateKey.export({ format: 'jwk' }), ...more, use: 'sig', kid: randomUUID() };
  });
}

function configuration() {
  return {
    jwks: { keys },
    clients: [
      {
        client_id: settings.client_id,
        client_name: 'Ledsaga',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: ['http://127.0.0.1/callback'],
        id_token_signed_response_alg: settings.alg,
      },
    ],
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub'], profile: ['name', settings.roles_claim.split('.')[0]] },
    conformIdTokenClaims: false,
    cookies: { keys: cookieKeys },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ...(settings.consent_for_refresh
      ? {}
      : { issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token') }),
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      revocation: { enabled: settings.revocation },
      rpInitiatedLogout: {
        enabled: settings.end_session,
        logoutSource: (ctx, form) => {
          const submit = '<button form="op.logoutForm" name="logout" value="yes">Logga ut</button>';
          ctx.body = page('Vill du logga ut?', form + submit);
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.body = page('Du är utloggad', '');
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => (settings.audience_unasked ? settings.audience : undefined),
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          audience: resource,
          scope: '',
          accessTokenTTL: settings.access_seconds,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: settings.alg } },
        }),
      },
    },
    ttl: {
      AccessToken: settings.access_seconds,
      AuthorizationCode: 60,
      Grant: 14 * 24 * 3600,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 12 * 3600,
      Session: 12 * 3600,
    },
    interactions: { url: (_, interaction) => `${prefix()}/interaction/${interaction.uid}` },
    findAccount: (_, id) => account(id),
    extraTokenClaims: (_, token) => roles(token.accountId),
    renderError: (ctx, out) => {
      ctx.body = page('Inloggningen kan inte göras', `<p>${escape(out.error)}</p>`);
    },
  };
}

function account(id) {
  const worker = WORKERS.get(id);
  return worker && { accountId: id, claims: () => ({ sub: id, name: worker.name, ...roles(id) }) };
}

function roles(id) {
  const names = WORKERS.get(id).roles;
  const shapes = { list: names, words: names.join(' '), one: names[0] };
  return settings.roles_claim
    .split('.')
    .reduceRight((value, name) => ({ [name]: value }), shapes[settings.roles_shape]);
}

async function serve(request, response) {
  const { pathname, searchParams } = new URL(request.url, issuer());
  seen.push(`${request.method} ${pathname}`);
  if (searchParams.has('prompt')) seen.push(`prompt ${searchParams.get('prompt')}`);
  const base = prefix();
  if (!pathname.startsWith(`${base}/`)) {
    response.writeHead(404).end();
    return;
  }
  if (pathname.startsWith(`${base}/interaction/`)) {
    await interact(request, response).catch(() => response.writeHead(400).end());
    return;
  }
  // As a framework does that mounts an application under a path.
  request.originalUrl = request.url;
  request.url = request.url.slice(base.length);
  handle(request, response);
}

/** Asks who signs in, and takes the answer. Consent is part of it: the municipality has given it for everybody. */
async function interact(request, response) {
  const { params, session } = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    const buttons = [...WORKERS].map(
      ([id, { name }]) => `<button name="worker" value="${id}">${escape(name)}</button>`,
    );
    const form = `<form method="post">${buttons.join('')}<button name="cancel" value="yes">Avbryt</button></form>`;
    const known = session ? `<p id="known">${escape(session.accountId)}</p>` : '';
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page('Logga in', known + form));
    return;
  }
  const accountId = new URLSearchParams(await text(request)).get('worker');
  if (!WORKERS.has(accountId)) {
    const result = { error: 'access_denied', error_description: 'The worker turned back' };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    return;
  }
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const grantId = await grant.save();
  grants.push(grantId);
  const result = { login: { accountId }, consent: { grantId } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

function page(title, content) {
  return `<!doctype html><html lang="sv"><head><meta charset="utf-8"><title>${title}</title></head>
<body><main><h1>${title}</h1>${content}</main></body></html>`;
}

function escape(words) {
  return words.replace(/[&<>"']/gu, (sign) => `&#${sign.codePointAt(0)};`);
}
