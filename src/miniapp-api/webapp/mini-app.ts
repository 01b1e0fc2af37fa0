import type { Middleware } from 'koa';
import type { ApiState } from '../http/context.ts';
import { listFiles, sendFile } from './static-files.ts';

/**
 * The Mini App under `/app/`. Telegram shows it in a frame of its web clients, so it may be framed by them and by
 * nobody else.
 * @param folder what the build of the web app made; listed once, so start after building
 */
export function miniApp(folder: string, publicUrl: string): Middleware<ApiState> {
  const files = listFiles(folder);
  const policy = contentPolicy(publicUrl);
  return async (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next();
    if (ctx.path === '/' || ctx.path === '/app') {
      ctx.status = 302;
      ctx.redirect(`/app/${ctx.search}`);
      return;
    }
    if (!ctx.path.startsWith('/app/')) return next();
    const name = decoded(ctx.path.slice('/app/'.length));
    // Addresses inside the app are not files: the page itself finds its way by them.
    const isPage = name !== undefined && !/\.[a-z0-9]+$/i.test(name);
    const file =
      name === undefined ? undefined : (files.get(name) ?? (isPage ? files.get('index.html') : undefined));
    if (!file) return next();
    ctx.state.route = '/app/*';
    ctx.set('Content-Security-Policy', policy);
    ctx.remove('X-Frame-Options');
    // Names of built assets carry a hash of what is in them.
    const isHashed = name?.startsWith('assets/') && files.has(name);
    sendFile(ctx, file, isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  };
}

function contentPolicy(publicUrl: string): string {
  const { host, protocol } = new URL(publicUrl);
  // 'self' covers sockets of the own origin in current browsers only; older web views need them by name.
  const socket = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: https:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self' ${socket}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self' https://web.telegram.org https://*.telegram.org",
  ].join('; ');
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
