import React from 'react';
import { Note } from '../../components/note';
import { useTrans } from '../../components/translation';
import { CronFields } from '../../components/cronFields';
import type { FormModel } from './model';
import type { IFormSchedule } from './task';

/** When to run: now, or at the times of a schedule. */
export function When(props: { model: FormModel }) {
  const trans = useTrans();
  const { model } = props;
  const { schedule, canSchedule } = model;
  const why = canSchedule
    ? undefined
    : model.secretNames.length > 0
      ? trans.__(
          'It needs secrets that somebody types. Keep them in the project to run it by the clock.'
        )
      : trans.__('Only a stored function can run by the clock.');
  return (
    <>
      <h2>{trans.__('When')}</h2>
      <div
        className="jp-mlrun-segments"
        role="group"
        aria-label={trans.__('When to run')}
      >
        <button
          type="button"
          aria-pressed={schedule === null}
          onClick={() => model.when(null)}
        >
          {trans.__('now')}
        </button>
        <button
          type="button"
          aria-pressed={schedule !== null}
          disabled={!canSchedule}
          title={why}
          onClick={() => model.when({})}
        >
          {trans.__('on a schedule')}
        </button>
      </div>
      {schedule && <Times model={model} schedule={schedule} />}
    </>
  );
}

function Times(props: { model: FormModel; schedule: IFormSchedule }) {
  const trans = useTrans();
  const id = React.useId();
  const { model, schedule } = props;
  return (
    <div className="jp-mlrun-form-when">
      <CronFields
        settings={model.settings}
        draft={schedule}
        onChange={({ text, zone }) => model.when({ text, zone })}
      />
      <div className="jp-mlrun-form-fields">
        <label htmlFor={`${id}-late`}>{trans.__('If late')}</label>
        <div>
          <select
            id={`${id}-late`}
            className="jp-mlrun-input"
            value={schedule.late}
            onChange={event =>
              model.when({ late: event.target.value as 'run' | 'skip' })
            }
          >
            <option value="run">{trans.__('run once')}</option>
            <option value="skip">{trans.__('skip what was missed')}</option>
          </select>
        </div>
        <label htmlFor={`${id}-busy`}>{trans.__('If busy')}</label>
        <div>
          <select
            id={`${id}-busy`}
            className="jp-mlrun-input"
            value={schedule.busy}
            onChange={event =>
              model.when({ busy: event.target.value as 'skip' | 'wait' })
            }
          >
            <option value="skip">{trans.__('skip')}</option>
            <option value="wait">
              {trans.__('wait for the last run to end')}
            </option>
          </select>
        </div>
      </div>
      <Note kind="warning">
        {trans.__('Kept by this server: it must be running at those times.')}
      </Note>
    </div>
  );
}
