import type { Language } from '../../language.ts';
import type { Template } from '../expressions/template.ts';
import { type Localized, localized } from '../localized.ts';
import type { Problems } from './problems.ts';
import type { MappedValue, Mapping } from './process-model.ts';
import type { XmlElement } from './xml-element.ts';

/** `camunda:properties` by name. On elements they have a `name`, on form fields an `id` (Camunda's schema). */
export type Properties = ReadonlyMap<string, string>;

export function readProperties(container: XmlElement | undefined): Properties {
  const entries = (container?.children('values') ?? []).map((property): [string, string] => [
    property.text('name') ?? property.text('id') ?? '',
    property.text('value') ?? '',
  ]);
  return new Map(entries);
}

/** A text with its translations, which are properties called `<what>_<language>`: `name_ru`, `label_ru`. */
export function localizedText(english: string, properties: Properties, what: string): Localized<string> {
  return localized(english, (language: Language) => properties.get(`${what}_${language}`));
}

export function localizedTemplate(
  problems: Problems,
  elementId: string,
  english: string,
  properties: Properties,
  what: string,
): Localized<Template> {
  const read = (source: string) => problems.template(elementId, what, source);
  return localized(read(english), (language) => {
    const source = properties.get(`${what}_${language}`);
    return source === undefined ? undefined : read(source);
  });
}

export function readMappings(problems: Problems, elementId: string, parameters: XmlElement[]): Mapping[] {
  return parameters.map((parameter) => {
    const name = parameter.text('name') ?? '';
    if (!isVariableName(name)) problems.add(elementId, `"${name}" is not a name for a variable`);
    return { name, value: readMappedValue(problems, elementId, parameter) };
  });
}

function readMappedValue(problems: Problems, elementId: string, holder: XmlElement): MappedValue {
  const definition = holder.child('definition');
  if (!definition) return templateValue(problems, elementId, holder);
  switch (definition.type) {
    case 'camunda:List':
      return {
        kind: 'list',
        items: definition.children('items').map((item) => {
          if (item.type !== 'camunda:Value')
            problems.add(elementId, `${item.type} is not supported in a list`);
          return templateValue(problems, elementId, item);
        }),
      };
    case 'camunda:Map':
      return {
        kind: 'map',
        entries: definition.children('entries').map((entry) => ({
          key: entry.text('key') ?? '',
          value: readMappedValue(problems, elementId, entry),
        })),
      };
    default:
      problems.add(elementId, `${definition.type} is not supported: parameters are texts, lists and maps`);
      return { kind: 'list', items: [] };
  }
}

function templateValue(problems: Problems, elementId: string, holder: XmlElement): MappedValue {
  return {
    kind: 'template',
    template: problems.template(elementId, 'parameter', holder.text('value') ?? ''),
  };
}

export function isVariableName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name) && name !== '__proto__';
}
