// The OpenAPI document and a page that shows it, without anything from other hosts.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Middleware } from 'koa';
import type { ApiState } from '../http/context.ts';
import { listFiles, sendFile } from './static-files.ts';

const shown = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Concierge API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const script = "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', validatorUrl: null });\n";

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  // The page writes its styles into elements.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function apiDocs(document: object): Middleware<ApiState> {
  const folder = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));
  const files = listFiles(folder, (name) => shown.includes(name));
  const json = JSON.stringify(document, null, 2);
  return async (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next();
    if (ctx.path === '/openapi.json') {
      ctx.state.route = '/openapi.json';
      ctx.type = 'application/json';
      ctx.body = json;
      return;
    }
    if (ctx.path !== '/docs' && !ctx.path.startsWith('/docs/')) return next();
    ctx.set('Content-Security-Policy', policy);
    const name = ctx.path.slice('/docs/'.length);
    const file = files.get(name);
    if (file) {
      sendFile(ctx, file, 'public, max-age=86400');
    } else if (name === 'start.js') {
      ctx.type = 'text/javascript';
      ctx.body = script;
    } else if (name === '') {
      ctx.type = 'html';
      ctx.body = page;
    } else {
      return next();
    }
    ctx.state.route = '/docs';
  };
}
