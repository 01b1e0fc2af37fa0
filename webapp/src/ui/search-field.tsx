import { IconButton } from './button.tsx';
import { Icon } from './icon.tsx';

export function SearchField(props: {
  label: string;
  clearLabel: string;
  value: string;
  onChange: (value: string) => void;
  testId?: string;
}) {
  return (
    <div className="search" role="search">
      <Icon name="search" size={18} />
      <input
        type="search"
        enterKeyHint="search"
        autoComplete="off"
        maxLength={200}
        aria-label={props.label}
        placeholder={props.label}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur();
        }}
        data-testid={props.testId}
      />
      {props.value !== '' && (
        <IconButton
          icon="close"
          label={props.clearLabel}
          onPress={() => props.onChange('')}
          className="search-clear"
        />
      )}
    </div>
  );
}
