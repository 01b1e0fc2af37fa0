import type { Language } from '../language.ts';
import type { ProcessModel } from './bpmn/process-model.ts';
import type { Value } from './expressions/value.ts';
import { showValue } from './forms/show-value.ts';

/** People and the group by the variable that holds their id. */
type VariableNames = ReadonlyMap<string, string>;

/** How a process' values look inside texts for people: ids as names, amounts and choices as their fields show them. */
export function valuesInWords(
  model: ProcessModel,
  names: VariableNames,
  language: Language,
): (value: Value, variable: string | undefined) => string {
  return (value, variable) => {
    const name = variable === undefined ? undefined : names.get(variable);
    if (name !== undefined && value !== null) return name;
    return showValue(value, variable === undefined ? undefined : model.fields.get(variable), language);
  };
}
