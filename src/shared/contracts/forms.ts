import { z } from 'zod';

/** The neutral form: the chat dialogue, the Mini App, the socket frames and the server's validation all read this. */
export const fieldTypes = [
  'text',
  'textarea',
  'number',
  'date',
  'select',
  'checkbox',
  'file',
  'button',
] as const;

export const formOption = z.object({ value: z.string(), label: z.string() }).meta({ id: 'FormOption' });

export const formField = z
  .object({
    name: z.string(),
    type: z.enum(fieldTypes),
    label: z.string(),
    /** The present or default value; keeps its type (a number is a number, a checkbox a boolean, a date YYYY-MM-DD). */
    value: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
    required: z.boolean(),
    readonly: z.boolean(),
    placeholder: z.string().optional(),
    help: z.string().optional(),
    options: z.array(formOption).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    min_length: z.int().optional(),
    max_length: z.int().optional(),
    /** Only `button`: how it looks. Pressing it completes the form with `{[name]: true}`. */
    variant: z.enum(['primary', 'secondary', 'danger']).optional(),
  })
  .meta({ id: 'FormField' });

export const form = z
  .object({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    fields: z.array(formField),
  })
  .meta({ id: 'Form' });

/** What a person filled in, by field name. */
export const formValues = z.record(
  z.string().max(100),
  z.union([z.string().max(20_000), z.number(), z.boolean(), z.null()]),
);

export type FieldType = (typeof fieldTypes)[number];
export type FormField = z.infer<typeof formField>;
export type Form = z.infer<typeof form>;
export type FormValues = z.infer<typeof formValues>;
