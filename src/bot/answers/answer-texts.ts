/** The words around an answer, in one language. */
export interface AnswerTexts {
  /** Stands where the answer will be while there is nothing of it yet. */
  thinking: string;
  /** Below a text that somebody stopped; alone when there was none. */
  stopped: string;
  /** Below a text that ended because the process or the model went away. */
  interrupted: string;
  /** @param code of the error, as in `AppError`, or another one that is not known here */
  failed(code: string): string;
  /** When the agent ended without a word. */
  empty: string;
  /** Buttons. */
  retry: string;
  stop: string;
  /** Heading of the numbered sources. */
  sources: string;
  /** Lines inside the preview, given a tool's label. */
  toolRunning(label: string): string;
  toolDone(label: string): string;
  toolFailed(label: string): string;
}
