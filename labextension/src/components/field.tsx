import React from 'react';

/** A line to type into, with its label and what helps to fill it. */
export function TextField(props: {
  label: string;
  hint?: string;
  value: string;
  onChange: (text: string) => void;
}) {
  const id = React.useId();
  return (
    <>
      <label className="jp-mlrun-field" htmlFor={id}>
        <span>{props.label}</span>
        <input
          id={id}
          type="text"
          spellCheck={false}
          aria-describedby={props.hint ? `${id}-hint` : undefined}
          value={props.value}
          onChange={event => props.onChange(event.target.value)}
        />
      </label>
      {props.hint && (
        <div id={`${id}-hint`} className="jp-mlrun-field-hint">
          {props.hint}
        </div>
      )}
    </>
  );
}

/** One of several values, each with its words. */
export function ChoiceField<T extends string>(props: {
  label: string;
  value: T;
  choices: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}) {
  const id = React.useId();
  return (
    <label className="jp-mlrun-field" htmlFor={id}>
      <span>{props.label}</span>
      <select
        id={id}
        value={props.value}
        onChange={event => props.onChange(event.target.value as T)}
      >
        {props.choices.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
