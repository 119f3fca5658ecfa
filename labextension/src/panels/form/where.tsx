import React from 'react';
import { Chip } from '../../components/button';
import { useTrans } from '../../components/translation';
import { LIMITS, LimitName } from './limits';
import type { FormModel } from './model';

const FEW_KINDS = 6;

/** Which outputs are kept. */
export function Keep(props: { model: FormModel }) {
  const trans = useTrans();
  const { model } = props;
  const { wishes } = model;
  const [adding, setAdding] = React.useState<string | null>(null);
  const [refused, setRefused] = React.useState(false);
  const add = () => {
    const text = adding ?? '';
    const fits = text.trim() === '' || wishes.add(text);
    setRefused(!fits);
    if (fits) {
      setAdding(null);
      model.touch();
    }
  };
  return (
    <>
      <h2>{trans.__('Keep')}</h2>
      <div
        className="jp-mlrun-form-kept"
        role="group"
        aria-label={trans.__('Outputs to keep')}
      >
        {wishes.outputs.map(({ hint, kept }) => (
          <Chip
            key={hint}
            label={hint}
            on={kept}
            title={
              kept
                ? trans.__('%1 is kept', hint)
                : trans.__('%1 is not kept', hint)
            }
            onClick={() => {
              wishes.toggle(hint);
              model.touch();
            }}
          />
        ))}
        {adding === null ? (
          <Chip
            label={trans.__('+ add')}
            on={false}
            onClick={() => setAdding('')}
          />
        ) : (
          <input
            autoFocus
            className="jp-mlrun-input jp-mod-int"
            spellCheck={false}
            aria-label={trans.__('Another output to keep')}
            aria-invalid={refused}
            placeholder={trans.__('name:kind')}
            value={adding}
            onChange={event => setAdding(event.target.value)}
            onBlur={add}
            onKeyDown={event => {
              if (event.key === 'Enter') {
                event.preventDefault();
                add();
              } else if (event.key === 'Escape') {
                event.stopPropagation();
                setRefused(false);
                setAdding(null);
              }
            }}
          />
        )}
        {refused && (
          <span className="jp-mlrun-form-hint jp-mlrun-form-problem">
            {trans.__('This is a name that is not there yet, or NAME:KIND.')}
          </span>
        )}
      </div>
    </>
  );
}

/** The kind and the limits of what runs. */
export function Where(props: { model: FormModel }) {
  const trans = useTrans();
  const { model } = props;
  const { wishes } = model;
  const id = React.useId();
  const kinds = [...new Set([wishes.kind, ...wishes.kinds])].filter(Boolean);
  const choose = (kind: string) => {
    wishes.kind = kind;
    model.touch();
  };
  return (
    <>
      <h2>{trans.__('Where')}</h2>
      <div className="jp-mlrun-form-fields">
        <label id={`${id}-kind`} htmlFor={`${id}-kinds`}>
          {trans.__('Kind')}
        </label>
        <div>
          {kinds.length <= FEW_KINDS ? (
            <div
              id={`${id}-kinds`}
              className="jp-mlrun-segments"
              role="group"
              aria-labelledby={`${id}-kind`}
            >
              {kinds.map(kind => (
                <button
                  key={kind}
                  type="button"
                  aria-pressed={kind === wishes.kind}
                  disabled={!model.canChangeKind && kind !== wishes.kind}
                  onClick={() => choose(kind)}
                >
                  {kind}
                </button>
              ))}
            </div>
          ) : (
            <select
              id={`${id}-kinds`}
              className="jp-mlrun-input"
              value={wishes.kind}
              disabled={!model.canChangeKind}
              onChange={event => choose(event.target.value)}
            >
              {kinds.map(kind => (
                <option key={kind} value={kind}>
                  {kind}
                </option>
              ))}
            </select>
          )}
          {wishes.isOtherKind && (
            <span className="jp-mlrun-form-hint">
              {trans.__('another kind makes a new version of the function')}
            </span>
          )}
        </div>
        <span>{trans.__('Limits')}</span>
        <div>
          {LIMITS.map(name => (
            <Limit key={name} model={model} name={name} />
          ))}
        </div>
      </div>
    </>
  );
}

function Limit(props: { model: FormModel; name: LimitName }) {
  const trans = useTrans();
  const id = React.useId();
  const { model, name } = props;
  const { wishes } = model;
  const words = {
    timeout: [trans.__('time'), trans.__('such as 15m or 2h')],
    cpu: [trans.__('cores'), trans.__('such as 2 or 0.5')],
    memory: [trans.__('memory'), trans.__('such as 500M or 4G')]
  }[name];
  const wrong = wishes.isWrong(name);
  return (
    <span className="jp-mlrun-form-limit">
      <input
        id={id}
        className="jp-mlrun-input jp-mod-int"
        spellCheck={false}
        aria-label={trans.__('Limit of %1', words[0])}
        aria-invalid={wrong}
        aria-describedby={`${id}-hint`}
        placeholder={words[0]}
        title={words[1]}
        value={wishes.limit(name)}
        onChange={event => {
          wishes.setLimit(name, event.target.value);
          model.touch();
        }}
      />
      <span id={`${id}-hint`} className="jp-mlrun-form-hint">
        {wrong && <span className="jp-mlrun-form-problem">{words[1]}</span>}
      </span>
    </span>
  );
}
