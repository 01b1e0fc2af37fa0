import type { Language } from '../language.ts';
import type { ProcessModel } from './bpmn/process-model.ts';
import { ProcessFault } from './engine/process-fault.ts';
import { ExpressionError } from './expressions/expression-error.ts';
import { WorkflowError } from './workflow-error.ts';

/** Turns mistakes of the process itself into WORKFLOW_ERROR; the transaction around it is rolled back. */
export async function guarded<T>(
  model: ProcessModel,
  language: Language,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProcessFault || error instanceof ExpressionError)) throw error;
    throw WorkflowError.stuck(model.name[language], language, error);
  }
}
