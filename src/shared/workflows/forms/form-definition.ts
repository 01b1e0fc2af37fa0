import type { FieldType, FormField } from '../../contracts/forms.ts';
import type { Template } from '../expressions/template.ts';
import type { Localized } from '../localized.ts';

/** A form as the process describes it: in all languages, with bounds and defaults that may be expressions. */
export interface FieldDefinition {
  readonly name: string;
  readonly type: FieldType;
  /** Only numbers: none with a fraction. */
  readonly integer: boolean;
  /** Only numbers: how many decimals people are shown; undefined shows as many as there are. */
  readonly decimals: number | undefined;
  readonly label: Localized<Template>;
  readonly help: Localized<Template> | undefined;
  readonly placeholder: Localized<Template> | undefined;
  readonly options: readonly { readonly value: string; readonly label: Localized<string> }[];
  readonly defaultValue: Template | undefined;
  readonly required: boolean;
  /** Needed only when this is true of the values that were filled in and of the pressed button. */
  readonly requiredIf: Template | undefined;
  readonly readonly: boolean;
  readonly min: Template | undefined;
  readonly max: Template | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly variant: FormField['variant'];
  /** Only buttons: what pressing it decided, in words; see `README.md` for the names that it may use. */
  readonly outcome: Localized<Template> | undefined;
}

/** A field of the contract with what only the server knows of it. A client that drops `integer` loses no safety. */
export interface WorkflowField extends FormField {
  integer?: boolean;
}
