import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { useTrans } from '../../components/translation';
import type { FormModel } from './model';
import {
  asksFor,
  hasMainPod,
  isInJvm,
  modesOf,
  PodField,
  PREEMPTION_MODES,
  runsInPods
} from './podKinds';

interface IWords {
  label: string;
  hint: string;
}

function wordsOf(
  trans: TranslationBundle,
  inJvm: boolean
): Record<PodField, IWords> {
  const cores = {
    label: trans.__('cores'),
    hint: trans.__('such as 2 or 500m')
  };
  const memory = {
    label: trans.__('memory'),
    hint: inJvm
      ? trans.__('as Java writes it, such as 512m or 4g')
      : trans.__('such as 512Mi or 4G')
  };
  const preemption = {
    label: trans.__('the usual one'),
    hint: trans.__(
      'Whether pods may be on nodes that can be taken away at any time'
    )
  };
  return {
    requestCpu: cores,
    requestMemory: memory,
    limitCpu: cores,
    limitMemory: memory,
    mainRequestCpu: cores,
    mainRequestMemory: memory,
    mainLimitCpu: cores,
    mainLimitMemory: memory,
    gpus: { label: trans.__('none'), hint: trans.__('a whole number') },
    gpuType: {
      label: trans.__('type of GPU'),
      hint: trans.__('such as nvidia.com/gpu')
    },
    nodes: {
      label: trans.__('label=value, …'),
      hint: trans.__('such as pool=gpu, zone=a')
    },
    tolerations: {
      label: trans.__('taint=value:NoSchedule, …'),
      hint: trans.__('such as gpu:NoSchedule or team=onco:NoExecute')
    },
    priority: {
      label: trans.__('the usual one'),
      hint: trans.__('the name of a priority class')
    },
    preemption,
    mainPreemption: preemption
  };
}

/** How large the pods are and on which nodes they may be, for kinds that run in pods. */
export function PodFields({ model }: { model: FormModel }) {
  const trans = useTrans();
  const { wishes, onCluster } = model;
  const words = wordsOf(trans, isInJvm(wishes.kind));
  if (!runsInPods(wishes.kind)) {
    return null;
  }
  const row = (label: string, fields: readonly PodField[], wide = false) => (
    <PodRow
      model={model}
      label={label}
      fields={fields.filter(field => asksFor(wishes.kind, field))}
      words={words}
      wide={wide}
    />
  );
  const note = onCluster
    ? wishes.pods.isChanged
      ? trans.__(
          'Kept with the function, which gets a new version. Limits of this run, above, are stronger.'
        )
      : ''
    : trans.__(
        'Kept with the function. No cluster is configured: runs on this machine do not heed it.'
      );
  return (
    <>
      <h2>
        {wishes.kind === 'dask'
          ? trans.__('Pods of workers')
          : wishes.kind === 'spark'
            ? trans.__('Pods of executors')
            : trans.__('Pods')}
      </h2>
      <div className="jp-mlrun-form-fields">
        {row(trans.__('Requests'), ['requestCpu', 'requestMemory'])}
        {row(trans.__('Limits'), ['limitCpu', 'limitMemory'])}
        {hasMainPod(wishes.kind) && (
          <>
            {row(
              wishes.kind === 'dask'
                ? trans.__('Requests of the scheduler')
                : trans.__('Requests of the driver'),
              ['mainRequestCpu', 'mainRequestMemory']
            )}
            {row(
              wishes.kind === 'dask'
                ? trans.__('Limits of the scheduler')
                : trans.__('Limits of the driver'),
              ['mainLimitCpu', 'mainLimitMemory']
            )}
          </>
        )}
        {row(trans.__('GPUs'), ['gpus', 'gpuType'])}
        {row(trans.__('Node selector'), ['nodes'], true)}
        {row(trans.__('Tolerations'), ['tolerations'], true)}
        {row(trans.__('Priority class'), ['priority'])}
        {modesOf(wishes.kind).map(([field, name]) => (
          <PreemptionRow
            key={name}
            model={model}
            label={preemptionLabel(name, trans)}
            field={field}
            words={words[field]}
          />
        ))}
      </div>
      {note && <p className="jp-mlrun-quiet">{note}</p>}
    </>
  );
}

function preemptionLabel(name: string, trans: TranslationBundle): string {
  return name.startsWith('driver_')
    ? trans.__('Preemption of the driver')
    : name.startsWith('executor_')
      ? trans.__('Preemption of executors')
      : trans.__('Preemption');
}

function PreemptionRow(props: {
  model: FormModel;
  label: string;
  field: PodField;
  words: IWords;
}) {
  const { model, label, field, words } = props;
  const { pods } = model.wishes;
  const id = React.useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <div>
        <select
          id={id}
          className="jp-mlrun-input"
          title={words.hint}
          disabled={!model.canChangeKind}
          value={pods.text(field)}
          onChange={event => {
            pods.type(field, event.target.value);
            model.touch();
          }}
        >
          <option value="">{words.label}</option>
          {PREEMPTION_MODES.map(mode => (
            <option key={mode} value={mode}>
              {mode}
            </option>
          ))}
        </select>
      </div>
    </>
  );
}

const LONG: ReadonlySet<PodField> = new Set(['gpuType', 'priority']);

function PodRow(props: {
  model: FormModel;
  label: string;
  fields: readonly PodField[];
  words: Record<PodField, IWords>;
  wide: boolean;
}) {
  const { model, label, fields, words, wide } = props;
  const { pods, kind } = model.wishes;
  const id = React.useId();
  const wrong = fields.find(field => pods.isWrong(kind, field));
  return (
    <>
      <span>{label}</span>
      <div>
        {fields.map(field => (
          <input
            key={field}
            className={`jp-mlrun-input jp-mod-${wide ? 'wide' : LONG.has(field) ? 'text' : 'size'}`}
            spellCheck={false}
            aria-label={
              fields.length === 1 ? label : `${label}: ${words[field].label}`
            }
            aria-invalid={pods.isWrong(kind, field)}
            aria-describedby={`${id}-hint`}
            placeholder={words[field].label}
            title={words[field].hint}
            disabled={!model.canChangeKind}
            value={pods.text(field)}
            onChange={event => {
              pods.type(field, event.target.value);
              model.touch();
            }}
          />
        ))}
        <span id={`${id}-hint`} className="jp-mlrun-form-hint">
          {wrong && (
            <span className="jp-mlrun-form-problem">{words[wrong].hint}</span>
          )}
        </span>
      </div>
    </>
  );
}
