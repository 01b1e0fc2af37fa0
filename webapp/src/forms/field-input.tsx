import { useId, useState } from 'react';
import type { FormField } from '../../../src/shared/contracts/forms.ts';
import { ApiError } from '../api/api-error.ts';
import { useApp, useTranslator } from '../app/context.ts';
import { errorText } from '../i18n/error-text.ts';
import { Spinner } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';

interface FieldInputProps {
  field: FormField;
  value: string | boolean;
  problem: string | undefined;
  disabled: boolean;
  taskId: string | undefined;
  onChange: (value: string | boolean) => void;
  onBlur: () => void;
}

/** One field of a form with its label, help and problem. */
export function FieldInput(props: FieldInputProps) {
  const { field, problem } = props;
  const { t } = useTranslator();
  const id = useId();
  const described =
    [field.help && `${id}-help`, problem && `${id}-problem`].filter(Boolean).join(' ') || undefined;
  const common = {
    id,
    name: field.name,
    disabled: props.disabled || field.readonly,
    'aria-required': field.required || undefined,
    'aria-invalid': problem !== undefined || undefined,
    'aria-describedby': described,
    onBlur: props.onBlur,
    'data-testid': `field-${field.name}`,
  };
  const notes = (
    <>
      {field.help && (
        <span id={`${id}-help`} className="field-help">
          {field.help}
        </span>
      )}
      {problem && (
        <span
          id={`${id}-problem`}
          className="field-problem"
          role="alert"
          data-testid={`problem-${field.name}`}
        >
          {problem}
        </span>
      )}
    </>
  );
  if (field.type === 'checkbox') {
    return (
      <div className={problem ? 'field field-bad' : 'field'}>
        <label className="field-check" htmlFor={id}>
          <input
            {...common}
            type="checkbox"
            checked={props.value === true}
            onChange={(event) => props.onChange(event.target.checked)}
          />
          <span>{field.label}</span>
        </label>
        {notes}
      </div>
    );
  }
  return (
    <div className={problem ? 'field field-bad' : 'field'}>
      <label className="field-label" htmlFor={id}>
        {field.label}
        {!field.required && !field.readonly && <span className="hint"> · {t('form.optional')}</span>}
      </label>
      <Control {...props} common={common} value={typeof props.value === 'string' ? props.value : ''} />
      {notes}
    </div>
  );
}

interface ControlProps extends FieldInputProps {
  value: string;
  common: { id: string; name: string; disabled: boolean; onBlur: () => void };
}

function Control({ field, value, common, onChange, taskId }: ControlProps) {
  const { t } = useTranslator();
  const placeholder = field.placeholder;
  switch (field.type) {
    case 'textarea':
      return (
        <textarea
          {...common}
          className="input"
          rows={4}
          dir="auto"
          value={value}
          placeholder={placeholder}
          maxLength={field.max_length ?? 20_000}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case 'select':
      return (
        <div className="select">
          <select
            {...common}
            className="input"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          >
            <option value="">{placeholder ?? t('form.choose')}</option>
            {field.options?.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
          <Icon name="down" size={16} />
        </div>
      );
    case 'file':
      return <FileControl field={field} value={value} common={common} onChange={onChange} taskId={taskId} />;
    default:
      return (
        <input
          {...common}
          className="input"
          type={field.type === 'date' ? 'date' : 'text'}
          inputMode={field.type === 'number' ? 'decimal' : 'text'}
          dir="auto"
          autoComplete="off"
          value={value}
          placeholder={placeholder}
          maxLength={field.type === 'text' ? (field.max_length ?? 20_000) : 40}
          onChange={(event) => onChange(event.target.value)}
        />
      );
  }
}

/** Uploads at once; the form carries the id of the file. */
function FileControl({
  field,
  value,
  common,
  onChange,
  taskId,
}: Pick<ControlProps, 'field' | 'value' | 'common' | 'onChange' | 'taskId'>) {
  const { api, telegram } = useApp();
  const translator = useTranslator();
  const { t } = translator;
  const [name, setName] = useState('');
  const [state, setState] = useState<{ uploading: boolean; problem?: string }>({ uploading: false });
  const upload = async (file: File) => {
    setState({ uploading: true });
    try {
      const uploaded = await api.uploadFile(file, taskId, field.name);
      setName(uploaded.file_name);
      onChange(uploaded.file_id);
      setState({ uploading: false });
    } catch (error) {
      telegram.haptic('error');
      setState({ uploading: false, problem: errorText(translator, ApiError.from(error)) });
    }
  };
  return (
    <>
      <label className="file">
        <input
          {...common}
          type="file"
          className="visually-hidden"
          disabled={common.disabled || state.uploading}
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file) void upload(file);
          }}
        />
        {state.uploading ? <Spinner /> : <Icon name={value === '' ? 'clip' : 'check'} size={20} />}
        <span>
          {state.uploading
            ? t('form.uploading')
            : value === ''
              ? t('form.file')
              : name || t('form.fileReady')}
        </span>
      </label>
      {state.problem && (
        <span className="field-problem" role="alert">
          {state.problem}
        </span>
      )}
    </>
  );
}
