// bpmn-moddle 10 ships types of the elements but none of its own entry point.
declare module 'bpmn-moddle' {
  export interface ModdleElement {
    readonly $type: string;
    /** Attributes that the schema does not know, with their prefix. */
    readonly $attrs: Readonly<Record<string, unknown>>;
    readonly [property: string]: unknown;
  }

  export class BpmnModdle {
    constructor(packages: Readonly<Record<string, unknown>>);
    /** Rejects on broken XML. Unresolved references and unknown elements are only warned of. */
    fromXML(
      xml: string,
    ): Promise<{ rootElement: ModdleElement; warnings: readonly { readonly message: string }[] }>;
  }
}
