// Ways to choose one of few: segments for views, chips for filters.
import { useRef } from 'react';

interface Option<T extends string> {
  value: T;
  label: string;
  count?: number | undefined;
}

interface ChoiceProps<T extends string> {
  label: string;
  options: readonly Option<T>[];
  value: T;
  onChange: (value: T) => void;
  testId?: string;
}

/** Tabs of a tab list; the arrow keys move between them. */
export function Segments<T extends string>(props: ChoiceProps<T>) {
  const list = useRef<HTMLDivElement>(null);
  const move = (step: number) => {
    const at = props.options.findIndex((option) => option.value === props.value);
    const next = (at + step + props.options.length) % props.options.length;
    const option = props.options[next];
    if (!option) return;
    props.onChange(option.value);
    list.current?.querySelectorAll<HTMLButtonElement>('[role=tab]')[next]?.focus();
  };
  return (
    <div className="segments-scroll">
      <div
        className="segments"
        role="tablist"
        aria-label={props.label}
        ref={list}
        data-testid={props.testId}
        onKeyDown={(event) => {
          const forward = getComputedStyle(event.currentTarget).direction === 'rtl' ? -1 : 1;
          if (event.key === 'ArrowRight') move(forward);
          if (event.key === 'ArrowLeft') move(-forward);
        }}
      >
        {props.options.map((option) => (
          <button
            key={option.value}
            type="button"
            role="tab"
            aria-selected={option.value === props.value}
            tabIndex={option.value === props.value ? 0 : -1}
            onClick={() => props.onChange(option.value)}
            data-testid={props.testId && `${props.testId}-${option.value}`}
          >
            {option.label}
            {option.count !== undefined && option.count > 0 && <span className="count">{option.count}</span>}
          </button>
        ))}
      </div>
    </div>
  );
}

export function Chips<T extends string>(props: ChoiceProps<T>) {
  return (
    <div className="chips" role="group" aria-label={props.label} data-testid={props.testId}>
      {props.options.map((option) => (
        <button
          key={option.value}
          type="button"
          className="chip"
          aria-pressed={option.value === props.value}
          onClick={() => props.onChange(option.value)}
          data-testid={props.testId && `${props.testId}-${option.value}`}
        >
          {option.label}
          {option.count !== undefined && <span className="chip-count">{option.count}</span>}
        </button>
      ))}
    </div>
  );
}
