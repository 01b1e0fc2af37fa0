import type { IForbiddenRuleType } from 'dependency-cruiser';

// The direction of imports: main → bot | miniapp-api → shared/<feature> → shared/{config, database, session-store, …}.
// What lies at the bottom of the house is listed once.
const base = 'src/shared/(config|contracts|database|observability|session-store|errors\\.ts|language\\.ts)';
const tests = '(\\.test\\.tsx?$|/testing(/|\\.ts$)|/conformance[-a-z]*\\.ts$)';

export const forbidden: IForbiddenRuleType[] = [
  {
    name: 'no-circles',
    comment: 'Values must not be imported in circles; types may.',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'bot-and-api-are-strangers',
    severity: 'error',
    from: { path: '^src/(bot|miniapp-api)/' },
    to: { path: '^src/(bot|miniapp-api)/', pathNot: '^src/$1/' },
  },
  {
    name: 'shared-knows-nobody-above',
    comment: 'The shared layer knows neither the bot, nor the API, nor what starts them.',
    severity: 'error',
    from: { path: '^src/shared/' },
    to: { path: '^src/(bot|miniapp-api|main\\.ts)' },
  },
  {
    name: 'shared-knows-neither-telegram-nor-http',
    severity: 'error',
    from: { path: '^src/shared/', pathNot: tests },
    to: { path: 'node_modules/(grammy|@grammyjs|koa|@koa|koa-[a-z]+|ws)/' },
  },
  {
    name: 'the-base-knows-no-feature',
    severity: 'error',
    from: { path: `^${base}`, pathNot: tests },
    to: { path: '^src/shared/', pathNot: `^${base}` },
  },
  {
    name: 'tables-belong-to-their-feature',
    comment: "A feature uses another's service, never its tables; main.ts collects them for the database.",
    severity: 'error',
    from: { path: '^src/(shared/[^/]+|bot|miniapp-api)/', pathNot: tests },
    to: {
      path: 'entities\\.ts$',
      pathNot: '^src/$1/',
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'the-product-knows-no-tools-around-it',
    comment: 'Playground, web app, scripts and test support are never imported by what runs in production.',
    severity: 'error',
    from: { path: '^src/', pathNot: tests },
    to: { path: '^(playground|webapp|scripts|test|bench)/' },
  },
  {
    name: 'the-web-app-shares-contracts-only',
    severity: 'error',
    from: { path: '^webapp/', pathNot: tests },
    to: { path: '^src/', pathNot: '^src/shared/(contracts/|errors\\.ts|language\\.ts)' },
  },
  {
    name: 'no-test-code-in-production',
    severity: 'error',
    from: { path: '^(src|playground|webapp)/', pathNot: tests },
    to: { path: tests },
  },
  {
    name: 'only-declared-packages',
    severity: 'error',
    from: { path: '^(src|playground|webapp|scripts)/', pathNot: tests },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
  },
];
