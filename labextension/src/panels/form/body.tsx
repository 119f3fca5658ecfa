import { Clipboard } from '@jupyterlab/apputils';
import React from 'react';
import { Button } from '../../components/button';
import { Skeleton } from '../../components/empty';
import { Note } from '../../components/note';
import { useTrans } from '../../components/translation';
import { formatParameter } from '../../format';
import { addressOf } from '../../models/artifact';
import type { IField } from './fields';
import type { FormMade, FormModel } from './model';
import { PodFields } from './podFields';
import { showShipment } from './shipment';
import { When } from './when';
import { Keep, Where } from './where';

const FEW = 4;

/** The form that runs something: parameters, inputs, secrets, and the line that does the same. */
export function FormBody(props: {
  model: FormModel;
  onStarted: (made: FormMade) => void;
  /** Whether nothing is in the way of what is saved. */
  mayReplace: () => Promise<boolean>;
}) {
  const trans = useTrans();
  const { model } = props;
  const form = React.useRef<HTMLFormElement>(null);
  if (!model.loaded) {
    return model.failure ? (
      <Note
        kind="error"
        actions={[
          { label: trans.__('Try again'), onClick: () => void model.open() }
        ]}
      >
        {trans.__('The form was not made: %1', model.failure)}
      </Note>
    ) : (
      <Skeleton label={trans.__('The form is being made')} rows={5} />
    );
  }
  const submit = async () => {
    if (model.check() && !(await props.mayReplace())) {
      return;
    }
    const made = await model.submit();
    if (made) {
      props.onStarted(made);
    } else {
      form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
    }
  };
  return (
    <form
      ref={form}
      className="jp-mlrun-form"
      noValidate
      onSubmit={event => {
        event.preventDefault();
        void submit();
      }}
    >
      <div className="jp-mlrun-form-body">
        {model.doc && <p className="jp-mlrun-form-doc">{model.doc}</p>}
        <Parameters model={model} />
        <Inputs model={model} />
        <Secrets model={model} />
        <Keep model={model} />
        <Where model={model} />
        <PodFields model={model} />
        <When model={model} />
        <h2>{trans.__('The same in a cell')}</h2>
        <code className="jp-mlrun-form-line">{model.line}</code>
        {model.podLines.length > 0 && (
          <>
            <p className="jp-mlrun-quiet">
              {trans.__('once its function was given the same for its pods:')}
            </p>
            <code className="jp-mlrun-form-line jp-mlrun-form-pods">
              {model.podLines.join('\n')}
            </code>
          </>
        )}
        {model.trouble && (
          <Note kind="warning">
            {trans.__('There is nothing to choose from: %1', model.trouble)}
          </Note>
        )}
        {model.failure && (
          <Note kind="error">
            {model.schedule
              ? trans.__('Nothing was scheduled: %1', model.failure)
              : trans.__('The run did not start: %1', model.failure)}
          </Note>
        )}
      </div>
      <div className="jp-mlrun-form-foot">
        <span className="jp-mlrun-dim" role="status">
          {'uid' in model.target
            ? trans._n(
                '%1 value changed from that run',
                '%1 values changed from that run',
                model.changes
              )
            : ''}
        </span>
        <span className="jp-mlrun-grow" />
        <Button
          label={trans.__('What will ship…')}
          onClick={() => void showShipment(model.dryRun, trans)}
        />
        <Button
          label={trans.__('Copy line')}
          onClick={() => Clipboard.copyToSystem(model.line)}
        />
        <button
          type="submit"
          className="jp-mlrun-button jp-mod-primary"
          disabled={model.sending}
        >
          {model.schedule
            ? trans.__('Save schedule')
            : 'uid' in model.target
              ? trans.__('Rerun')
              : trans.__('Run')}
        </button>
      </div>
    </form>
  );
}

function Parameters(props: { model: FormModel }) {
  const trans = useTrans();
  const { model } = props;
  return (
    <>
      <h2>{trans.__('Parameters, from the signature of %1', model.name)}</h2>
      {model.fields.length === 0 && (
        <div className="jp-mlrun-dim">{trans.__('It takes none.')}</div>
      )}
      <div className="jp-mlrun-form-fields">
        {model.fields.map(field => (
          <Field key={field.name} model={model} field={field} />
        ))}
      </div>
    </>
  );
}

function Field(props: { model: FormModel; field: IField }) {
  const trans = useTrans();
  const { model, field } = props;
  const id = React.useId();
  const name = `p ${field.name}`;
  const typed = model.typed(field);
  const problem =
    'problem' in typed && (model.tried || model.text(name) !== '')
      ? typed.problem
      : null;
  const attributes = {
    id,
    'aria-invalid': problem !== null,
    'aria-describedby': `${id}-hint`,
    'data-name': field.name
  };
  return (
    <>
      <label htmlFor={id} title={field.doc || field.name}>
        <bdi>{field.name}</bdi>
      </label>
      <div>
        <Editor
          field={field}
          text={model.text(name)}
          attributes={attributes}
          onText={text => model.type(name, text)}
        />
        <span id={`${id}-hint`} className="jp-mlrun-form-hint">
          {problem ? (
            <span className="jp-mlrun-form-problem">{problem}</span>
          ) : (
            hintOf(model, field, trans)
          )}
        </span>
      </div>
    </>
  );
}

function hintOf(
  model: FormModel,
  field: IField,
  trans: ReturnType<typeof useTrans>
): string {
  const parts = [
    field.type || (field.kind === 'any' ? '' : field.kind),
    field.computed ? trans.__('empty = as the code computes it') : '',
    field.optional && field.kind !== 'bool' && !field.computed
      ? trans.__('empty = None')
      : '',
    model.isChanged(field) && field.was !== undefined
      ? trans.__('was %1', formatParameter(field.was))
      : '',
    field.doc
  ];
  return parts.filter(part => part !== '').join(', ');
}

interface IEditorProps {
  field: IField;
  text: string;
  attributes: React.HTMLAttributes<HTMLElement> & { id: string };
  onText: (text: string) => void;
}

function Editor(props: IEditorProps) {
  const { field, text, attributes, onText } = props;
  const choices =
    field.kind === 'bool'
      ? [true, false]
      : field.kind === 'choice'
        ? field.choices
        : [];
  if (choices.length > 0) {
    const options = choices.map(choice => ({
      text: JSON.stringify(choice),
      label: formatParameter(choice)
    }));
    return choices.length <= FEW ? (
      <Segments {...props} options={options} />
    ) : (
      <select
        {...attributes}
        className="jp-mlrun-input"
        value={text}
        onChange={event => onText(event.target.value)}
      >
        {field.computed && <option value="">{field.computed}</option>}
        {options.map(option => (
          <option key={option.text} value={option.text}>
            {option.label}
          </option>
        ))}
      </select>
    );
  }
  return field.kind === 'json' ? (
    <textarea
      {...attributes}
      className="jp-mlrun-input"
      placeholder={field.computed}
      rows={Math.min(6, Math.max(2, text.split('\n').length))}
      spellCheck={false}
      value={text}
      onChange={event => onText(event.target.value)}
    />
  ) : (
    <input
      {...attributes}
      className={`jp-mlrun-input jp-mod-${field.kind}`}
      type="text"
      inputMode={field.kind === 'int' ? 'numeric' : undefined}
      placeholder={field.computed}
      spellCheck={false}
      value={text}
      onChange={event => onText(event.target.value)}
    />
  );
}

function Segments(
  props: IEditorProps & { options: { text: string; label: string }[] }
) {
  const { attributes, options, text, onText, field } = props;
  return (
    <div
      {...attributes}
      className="jp-mlrun-segments"
      role="group"
      aria-label={field.name}
      tabIndex={-1}
    >
      {options.map(option => (
        <button
          key={option.text}
          type="button"
          aria-pressed={option.text === text}
          onClick={() => onText(option.text)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}

function Inputs(props: { model: FormModel }) {
  const trans = useTrans();
  const { model } = props;
  return model.inputNames.length === 0 ? null : (
    <>
      <h2>{trans.__('Inputs')}</h2>
      <Lines
        model={model}
        names={model.inputNames}
        prefix="i"
        hint={trans.__('an artifact of the project, a path or a URI')}
        choices={model.artifacts.map(({ name, artifact }) => ({
          label: name,
          value: addressOf(artifact, [artifact.metadata.tag ?? ''])
        }))}
      />
    </>
  );
}

function Secrets(props: { model: FormModel }) {
  const trans = useTrans();
  const { model } = props;
  return model.secretNames.length === 0 ? null : (
    <>
      <h2>{trans.__('Secrets')}</h2>
      <Lines
        model={model}
        names={model.secretNames}
        prefix="s"
        secret
        hint={trans.__('not stored: type it again for this run')}
      />
    </>
  );
}

function Lines(props: {
  model: FormModel;
  names: readonly string[];
  prefix: 'i' | 's';
  hint: string;
  secret?: boolean;
  choices?: readonly { label: string; value: string }[];
}) {
  const trans = useTrans();
  const { model, names, prefix, hint, choices } = props;
  const id = React.useId();
  const missing = (name: string) =>
    prefix === 'i' && model.tried && model.misses(name);
  return (
    <div className="jp-mlrun-form-fields">
      {names.map(name => (
        <React.Fragment key={name}>
          <label htmlFor={`${id}-${name}`}>
            <bdi>{name}</bdi>
          </label>
          <div>
            <input
              id={`${id}-${name}`}
              className="jp-mlrun-input jp-mod-wide"
              type={props.secret ? 'password' : 'text'}
              autoComplete="off"
              spellCheck={false}
              data-name={name}
              list={choices ? `${id}-choices` : undefined}
              aria-invalid={missing(name)}
              value={model.text(`${prefix} ${name}`)}
              onChange={event =>
                model.type(`${prefix} ${name}`, event.target.value)
              }
            />
            <span className="jp-mlrun-form-hint">
              {missing(name) ? (
                <span className="jp-mlrun-form-problem">
                  {trans.__('This needs an artifact, a path or a URI.')}
                </span>
              ) : (
                hint
              )}
            </span>
          </div>
        </React.Fragment>
      ))}
      {choices && (
        <datalist id={`${id}-choices`}>
          {choices.map(({ label, value }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </datalist>
      )}
    </div>
  );
}
