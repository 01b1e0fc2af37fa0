import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { Form, FormField, FormValues } from '../../../src/shared/contracts/forms.ts';
import { ApiError } from '../api/api-error.ts';
import { useApp, useTranslator } from '../app/context.ts';
import { errorText } from '../i18n/error-text.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { MainAction } from '../ui/main-action.tsx';
import { FieldInput } from './field-input.tsx';
import {
  actionFields,
  checkField,
  checkForm,
  type Draft,
  initialDraft,
  inputFields,
  isDirty,
  issuesByField,
  toValues,
} from './form-logic.ts';

interface FormViewProps {
  form: Form;
  /** The action's text when the form has no buttons of its own. */
  submitText: string;
  taskId?: string;
  disabled?: boolean;
  /** Rejects with what the server says; issues of fields are shown at the fields. */
  onSubmit: (values: FormValues, action: string | undefined) => Promise<void>;
}

export function FormView({ form, submitText, taskId, disabled = false, onSubmit }: FormViewProps) {
  const { telegram, router } = useApp();
  const translator = useTranslator();
  const { t } = translator;
  const [draft, setDraft] = useState<Draft>(() => initialDraft(form));
  /** Only fields that were left, or all after a try to send, show what is wrong. */
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<Record<string, string>>({});
  const [sending, setSending] = useState<string>();
  const [leave, setLeave] = useState<() => void>();
  const element = useRef<HTMLFormElement>(null);
  const dirty = !disabled && isDirty(form, draft);

  useEffect(() => {
    telegram.confirmClosing(dirty);
    return () => telegram.confirmClosing(false);
  }, [telegram, dirty]);
  useEffect(() => {
    return dirty ? router.hold((leaveIt) => setLeave(() => leaveIt)) : undefined;
  }, [router, dirty]);

  const problemOf = (field: FormField): string | undefined => {
    const said = refused[field.name];
    if (said !== undefined) return said;
    if (!touched.has(field.name)) return undefined;
    const complaint = checkField(field, draft[field.name]);
    return complaint && t(complaint.key, complaint.parameters);
  };

  const submit = async (action: string | undefined) => {
    if (sending !== undefined || disabled) return;
    const wrong = Object.keys(checkForm(form, draft));
    setTouched(new Set(inputFields(form).map((field) => field.name)));
    if (wrong.length > 0) {
      telegram.haptic('error');
      focusFirst(element.current, wrong);
      return;
    }
    setRefused({});
    setSending(action ?? '');
    try {
      await onSubmit(toValues(form, draft), action);
    } catch (reason) {
      const error = ApiError.from(reason);
      const byField = issuesByField(form, error.issues);
      const isNamed = Object.keys(byField).length > 0;
      setRefused(isNamed ? byField : { '': errorText(translator, error) });
      telegram.haptic('error');
      focusFirst(element.current, Object.keys(byField));
    } finally {
      setSending(undefined);
    }
  };

  const actions = actionFields(form);
  const single = actions.length <= 1 ? actions[0] : undefined;
  const general = refused[''];
  return (
    <form
      ref={element}
      className="form"
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (actions.length <= 1) void submit(single?.name);
      }}
      data-testid="form"
    >
      {inputFields(form).map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={draft[field.name] ?? ''}
          problem={problemOf(field)}
          disabled={disabled || sending !== undefined}
          taskId={taskId}
          onChange={(value) => {
            setDraft((before) => ({ ...before, [field.name]: value }));
            setRefused(({ [field.name]: _old, ...others }) => others);
          }}
          onBlur={() => setTouched((before) => new Set(before).add(field.name))}
        />
      ))}
      {general && (
        <p className="form-problem" role="alert" data-testid="form-problem">
          {general}
        </p>
      )}
      {!disabled &&
        (actions.length > 1 ? (
          <div className="form-actions">
            {actions.map((action) => (
              <Button
                key={action.name}
                wide
                variant={action.variant ?? 'secondary'}
                loading={sending === action.name}
                disabled={sending !== undefined}
                onPress={() => void submit(action.name)}
                testId={`action-${action.name}`}
              >
                {action.label}
              </Button>
            ))}
          </div>
        ) : (
          <MainAction
            text={single?.label ?? submitText}
            loading={sending !== undefined}
            onPress={() => void submit(single?.name)}
            testId="form-submit"
          />
        ))}
      {leave && (
        <Confirm
          title={t('form.leave.title')}
          text={t('form.leave.text')}
          yes={t('form.leave.yes')}
          no={t('form.leave.no')}
          danger
          onYes={leave}
          onNo={() => setLeave(undefined)}
        />
      )}
    </form>
  );
}

function focusFirst(form: HTMLFormElement | null, names: readonly string[]): void {
  const inputs = [...(form?.querySelectorAll<HTMLElement>('[name]') ?? [])];
  const input = inputs.find((each) => names.includes(each.getAttribute('name') ?? ''));
  input?.focus();
  input?.scrollIntoView({ block: 'center' });
}
