import React from 'react';
import { Icon } from './icon';
import { IconButton } from './button';
import { useTrans } from './translation';

/** How the filter box is asked to act from outside. */
export interface IFilterHandle {
  focus(): void;
}

/** The filter box: words match names, `key:value` and comparisons the rest. */
export function FilterBar(props: {
  value: string;
  placeholder: string;
  /** What is wrong with the filter as typed, or null. */
  problem?: string | null;
  /** Words that may stand next, for completion. */
  suggestions?: readonly string[];
  onChange: (value: string) => void;
  onLeave?: () => void;
  /** What stands before the text: conditions as chips. */
  before?: readonly React.ReactNode[];
  onEnter?: () => void;
  /** Backspace at the beginning of the text. */
  onBackspace?: () => void;
  handle?: React.Ref<IFilterHandle>;
}) {
  const trans = useTrans();
  const id = React.useId();
  const input = React.useRef<HTMLInputElement>(null);
  React.useImperativeHandle(props.handle, () => ({
    focus: () => input.current?.focus()
  }));
  return (
    <div className={`jp-mlrun-filter${props.problem ? ' jp-mod-wrong' : ''}`}>
      <Icon name="search" size={14} />
      {props.before}
      <input
        ref={input}
        type="text"
        spellCheck={false}
        aria-label={trans.__('Filter')}
        aria-invalid={props.problem ? true : undefined}
        aria-describedby={props.problem ? `${id}-problem` : undefined}
        placeholder={props.placeholder}
        list={`${id}-words`}
        value={props.value}
        onChange={event => props.onChange(event.target.value)}
        onKeyDown={event => {
          const { selectionStart, selectionEnd } = event.currentTarget;
          if (event.key === 'Enter') {
            props.onEnter?.();
          } else if (
            event.key === 'Backspace' &&
            selectionStart === 0 &&
            selectionEnd === 0 &&
            props.before?.length
          ) {
            event.preventDefault();
            props.onBackspace?.();
          } else if (event.key === 'Escape') {
            event.stopPropagation();
            if (props.value || props.before?.length) {
              props.onChange('');
            } else {
              props.onLeave?.();
            }
          }
        }}
      />
      <datalist id={`${id}-words`}>
        {(props.suggestions ?? []).map(word => (
          <option key={word} value={word} />
        ))}
      </datalist>
      {props.value || props.before?.length ? (
        <IconButton
          icon="close"
          label={trans.__('Clear the filter')}
          onClick={() => {
            props.onChange('');
            input.current?.focus();
          }}
        />
      ) : (
        <kbd aria-hidden="true">/</kbd>
      )}
      {props.problem && (
        <div
          id={`${id}-problem`}
          className="jp-mlrun-filter-problem"
          role="status"
        >
          {props.problem}
        </div>
      )}
    </div>
  );
}
