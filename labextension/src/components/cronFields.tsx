import React from 'react';
import type { ServerConnection } from '@jupyterlab/services';
import { reasonOf } from '../api/request';
import { previewSchedule } from '../api/schedules';
import { useTrans } from './translation';
import { cronLine, cronSentence } from '../models/cron';
import { NextTimes } from './nextTimes';

const TYPING_DELAY = 300;

/** A trigger as it is typed. */
export interface ICronDraft {
  text: string;
  zone: string;
}

function zones(): string[] {
  const intl = Intl as unknown as {
    supportedValuesOf?: (key: string) => string[];
  };
  return ['UTC', ...(intl.supportedValuesOf?.('timeZone') ?? [])];
}

/** Cron text and zone, with the sentence they mean and the next five runs as the service counts them. */
export function CronFields(props: {
  settings: ServerConnection.ISettings;
  draft: ICronDraft;
  onChange: (draft: ICronDraft) => void;
}) {
  const trans = useTrans();
  const id = React.useId();
  const { draft, onChange, settings } = props;
  const { times, zone, problem } = usePreview(settings, draft);
  return (
    <>
      <label className="jp-mlrun-field" htmlFor={`${id}-cron`}>
        <span>{trans.__('Cron')}</span>
        <input
          id={`${id}-cron`}
          type="text"
          spellCheck={false}
          className="jp-mlrun-mono"
          value={draft.text}
          aria-invalid={problem ? true : undefined}
          aria-describedby={`${id}-words`}
          onChange={event => onChange({ ...draft, text: event.target.value })}
        />
      </label>
      <div id={`${id}-words`} role="status" className="jp-mlrun-field-hint">
        {problem ? (
          <span className="jp-mlrun-field-problem">{problem}</span>
        ) : (
          (cronSentence(draft.text, trans) ??
          trans.__('minute, hour, day, month, day of the week'))
        )}
      </div>
      <label className="jp-mlrun-field" htmlFor={`${id}-zone`}>
        <span>{trans.__('Time zone')}</span>
        <input
          id={`${id}-zone`}
          type="text"
          spellCheck={false}
          list={`${id}-zones`}
          value={draft.zone}
          onChange={event => onChange({ ...draft, zone: event.target.value })}
        />
      </label>
      <datalist id={`${id}-zones`}>
        {zones().map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <h2>{trans.__('Next five runs')}</h2>
      {times.length > 0 && <NextTimes times={times} zone={zone} />}
    </>
  );
}

function usePreview(settings: ServerConnection.ISettings, draft: ICronDraft) {
  const [shown, setShown] = React.useState({
    times: [] as string[],
    zone: draft.zone,
    problem: ''
  });
  const { text, zone } = draft;
  React.useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      previewSchedule(settings, cronLine(text, zone)).then(
        answer =>
          current &&
          setShown({
            times: answer.next_run_times,
            zone: answer.timezone,
            problem: ''
          }),
        reason =>
          current &&
          setShown(known => ({
            ...known,
            times: [],
            problem: reasonOf(reason)
          }))
      );
    }, TYPING_DELAY);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [settings, text, zone]);
  return shown;
}
