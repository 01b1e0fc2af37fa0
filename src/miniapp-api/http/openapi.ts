import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { errorBody } from '#shared/contracts/common.ts';
import { isRaw, type Route } from './route.ts';
import { version } from './version.ts';

/** The OpenAPI 3.1 document of the routes, from the schemas that validate their calls. */
export function openApiDocument(routes: readonly Route[], publicUrl: string): object {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Concierge',
        version,
        description: 'Gateway of the assistant: catalog, search, conversations, tasks and agents.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: publicUrl }],
      tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'Access token or guest token' },
          telegram: {
            type: 'apiKey',
            in: 'header',
            name: 'Authorization',
            description: '`tma <initData>`: launch data of the Mini App',
          },
          cookie: { type: 'apiKey', in: 'cookie', name: 'access_token' },
          internal: { type: 'http', scheme: 'bearer', description: 'Key of other services of ours' },
        },
      },
      paths,
    },
    { allowEmptySchema: { custom: true, transform: true, unknown: true, any: true } },
  );
}

function operation(route: Route): ZodOpenApiOperationObject {
  const { params, query, body } = route;
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    security: security(route),
    'x-permission': route.permission,
    'x-rate-limit': route.limit,
    ...(params || query
      ? { requestParams: { ...(params ? { path: params } : {}), ...(query ? { query } : {}) } }
      : {}),
    ...(body ? { requestBody: { content: { 'application/json': { schema: body } } } } : {}),
    responses: {
      [String(route.status)]: success(route),
      default: { description: 'Error', content: { 'application/json': { schema: errorBody } } },
    },
  };
}

function success(route: Route) {
  if (route.status === 204) return { description: 'Done' };
  if (isRaw(route.answer)) {
    const { contentType, description } = route.answer;
    return { description, content: { [contentType]: { schema: { type: 'string' as const } } } };
  }
  return { description: 'Success', content: { 'application/json': { schema: route.answer } } };
}

function security(route: Route): Record<string, string[]>[] {
  if (route.permission === 'public') return [];
  if (route.permission === 'internal') return [{ internal: [] }];
  const known = [{ bearer: [] }, { telegram: [] }, { cookie: [] }];
  return route.permission === 'read:public_kb' ? [...known, {}] : known;
}

function operationId(route: Route): string {
  const words = route.path
    .replace(/^\/api\//, '/')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  return [route.method, ...words]
    .map((word, i) => (i === 0 ? word : word[0]?.toUpperCase() + word.slice(1)))
    .join('');
}
