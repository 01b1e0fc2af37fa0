// Secrets have shapes that give them away. Whatever is logged passes here, so that a secret inside an error message
// of some library is caught as well.
const shapes: readonly [RegExp, string][] = [
  [/(?<!\d)\d{3,}:[A-Za-z0-9_-]{20,}/g, '[bot token]'],
  [/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g, '[jwt]'],
  [/\bguest_[A-Za-z0-9_-]{20,}/g, '[guest token]'],
  [/\bsk-[A-Za-z0-9_-]{16,}/g, '[api key]'],
  [/\b(Bearer|tma) +[^\s"']+/gi, '$1 [credentials]'],
  [/(\w+:\/\/[^\s:/@]*):[^\s/@]+@/g, '$1:[password]@'],
  [/\bhash=[0-9a-f]{64}/g, 'hash=[hash]'],
];

const secretNames =
  /^(authorization|cookie|set-cookie|password|secret|token|jwt_token|refresh_token|init_?data|api_?key|.*_secret|.*_token|.*_api_key)$/i;

export function redactText(text: string): string {
  return shapes.reduce((result, [shape, label]) => result.replace(shape, label), text);
}

/** A copy without secrets, for the log. Depth, breadth and length are bounded. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value.length > 4000 ? `${value.slice(0, 4000)}…` : value);
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? String(value) : value;
  if (depth > 5) return '…';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 50)
      .map(([name, item]) => [name, secretNames.test(name) ? '[secret]' : redact(item, depth + 1)]),
  );
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  return {
    type: error.name,
    message: redactText(error.message),
    ...('code' in error ? { code: redact(error.code, depth + 1) } : {}),
    stack: redactText(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}
