/** What a process variable may be: JSON, because it is stored as such. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** Variables by name. Read them with `Object.hasOwn`: names come from outside. */
export type Variables = Readonly<Record<string, Value>>;

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** As text inside of other text: null is nothing, lists and maps are JSON. */
export function textOf(value: Value): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
