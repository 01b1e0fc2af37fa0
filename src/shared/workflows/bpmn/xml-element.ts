import type { ModdleElement } from 'bpmn-moddle';

/** Typed reading of a parsed XML element; nothing outside this file touches the parser's objects. */
export class XmlElement {
  readonly #element: ModdleElement;

  constructor(element: ModdleElement) {
    this.#element = element;
  }

  /** With prefix: `bpmn:UserTask`. */
  get type(): string {
    return this.#element.$type;
  }

  get id(): string {
    return this.text('id') ?? this.type;
  }

  text(name: string): string | undefined {
    const value = this.#element[name];
    return typeof value === 'string' ? value : undefined;
  }

  child(name: string): XmlElement | undefined {
    const value = this.#element[name];
    return isElement(value) ? new XmlElement(value) : undefined;
  }

  children(name: string): XmlElement[] {
    const value = this.#element[name];
    return Array.isArray(value) ? value.filter(isElement).map((each) => new XmlElement(each)) : [];
  }

  /** The children of `extensionElements` in Camunda's namespace; others are notes for other tools. */
  extensions(): XmlElement[] {
    const all = this.child('extensionElements')?.children('values') ?? [];
    return all.filter(({ type }) => type.startsWith('camunda:'));
  }

  /** Names of everything that the XML says here, except foreign attributes: those of Camunda keep their prefix. */
  properties(): string[] {
    const foreign = Object.keys(this.#element.$attrs).filter((name) => name.startsWith('camunda:'));
    return [...Object.keys(this.#element).filter((name) => !name.startsWith('$')), ...foreign];
  }
}

function isElement(value: unknown): value is ModdleElement {
  return typeof value === 'object' && value !== null && '$type' in value;
}
