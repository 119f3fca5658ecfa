import React from 'react';
import { reasonOf } from '../../api/request';
import { changeSchedule, IScheduleChange } from '../../api/schedules';
import { Button } from '../../components/button';
import { ChoiceField } from '../../components/field';
import { Note } from '../../components/note';
import { useTrans } from '../../components/translation';
import { cronLine, cronText } from '../../models/cron';
import { CronFields } from '../../components/cronFields';
import type { IScheduleTab } from './tab';

interface IDraft {
  text: string;
  zone: string;
  late: 'run' | 'skip';
  busy: 'skip' | 'wait';
}

function draftOf({ schedule }: IScheduleTab): IDraft {
  return {
    text: cronText(schedule.cron_trigger),
    zone: schedule.cron_trigger.timezone ?? 'UTC',
    late: schedule.if_late,
    busy: schedule.if_busy
  };
}

/** When a schedule runs, and what happens when it cannot in time. */
export function ScheduleSettings(props: IScheduleTab) {
  const trans = useTrans();
  const { model } = props;
  const held = draftOf(props);
  const [draft, setDraft] = React.useState(held);
  const [failure, setFailure] = React.useState('');
  const changed = JSON.stringify(draft) !== JSON.stringify(held);
  const save = async () => {
    const change: IScheduleChange = {
      if_late: draft.late,
      if_busy: draft.busy
    };
    if (draft.text !== held.text || draft.zone !== held.zone) {
      change.cron_trigger = cronLine(draft.text, draft.zone);
    }
    try {
      setFailure('');
      await model.act(() =>
        changeSchedule(model.service.settings, model.ref, change)
      );
    } catch (reason) {
      setFailure(reasonOf(reason));
    }
  };
  return (
    <form
      className="jp-mlrun-settings"
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
    >
      <CronFields
        settings={model.service.settings}
        draft={draft}
        onChange={part => setDraft({ ...draft, ...part })}
      />
      <ChoiceField
        label={trans.__('When the server was down at the time')}
        value={draft.late}
        choices={[
          ['run', trans.__('run once, late')],
          ['skip', trans.__('leave the run out')]
        ]}
        onChange={late => setDraft({ ...draft, late })}
      />
      <ChoiceField
        label={trans.__('When the run before is not over')}
        value={draft.busy}
        choices={[
          ['skip', trans.__('leave the run out')],
          ['wait', trans.__('run when it is over')]
        ]}
        onChange={busy => setDraft({ ...draft, busy })}
      />
      {failure && <Note kind="error">{failure}</Note>}
      <div className="jp-mlrun-settings-buttons">
        <Button primary submit label={trans.__('Save')} disabled={!changed} />
        <Button
          label={trans.__('Take back')}
          disabled={!changed}
          onClick={() => setDraft(held)}
        />
      </div>
    </form>
  );
}
