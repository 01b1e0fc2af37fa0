/** A process that cannot go on at an element. The event that led there must count as not having happened. */
export class ProcessFault extends Error {
  readonly elementId: string;

  constructor(elementId: string, problem: string, cause?: unknown) {
    super(`"${elementId}": ${problem}`, { cause });
    this.name = 'ProcessFault';
    this.elementId = elementId;
  }
}
