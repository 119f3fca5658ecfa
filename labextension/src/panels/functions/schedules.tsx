import React from 'react';
import { reasonOf } from '../../api/request';
import { ISchedule, listSchedules } from '../../api/schedules';
import { CommandIDs } from '../../commands';
import { LinkButton } from '../../components/button';
import { DataTable } from '../../components/dataTable';
import { Empty, Skeleton } from '../../components/empty';
import { Note } from '../../components/note';
import { useTrans } from '../../components/translation';
import { formatFull, formatMoment, parseTime } from '../../format';
import { cronSentence, cronText } from '../../models/cron';
import type { IFunctionTab } from './tab';

/** The schedules that run a function. */
export function FunctionSchedules({ model, commands }: IFunctionTab) {
  const trans = useTrans();
  const { service, ref } = model;
  const [rows, setRows] = React.useState<ISchedule[] | null>(null);
  const [failure, setFailure] = React.useState('');
  React.useEffect(() => {
    let current = true;
    const mine = `${ref.project}/${ref.name}`;
    listSchedules(service.settings, ref.project).then(
      found =>
        current &&
        setRows(
          found.filter(schedule =>
            [mine, ref.name].includes(
              (schedule.scheduled_object?.task?.spec?.function ?? '').split(
                /[@:]/
              )[0]
            )
          )
        ),
      reason => current && setFailure(reasonOf(reason))
    );
    return () => {
      current = false;
    };
  }, [service, ref, model.version]);
  if (failure) {
    return <Note kind="error">{failure}</Note>;
  }
  if (rows === null) {
    return <Skeleton label={trans.__('The schedules are being read')} />;
  }
  if (rows.length === 0) {
    return (
      <Empty line={`%mlrun schedule ${ref.name} "0 2 * * *"`}>
        {trans.__('No schedule runs it. Run it every night:')}
      </Empty>
    );
  }
  return (
    <DataTable
      label={trans.__('Schedules')}
      columns={[trans.__('Name'), trans.__('When'), trans.__('Next')]}
    >
      {rows.map(schedule => {
        const next = parseTime(schedule.next_run_time);
        const text = cronText(schedule.cron_trigger);
        return (
          <tr key={schedule.name}>
            <td>
              <LinkButton
                label={schedule.name}
                onClick={() =>
                  void commands.execute(CommandIDs.openSchedule, {
                    project: schedule.project,
                    name: schedule.name
                  })
                }
              />
            </td>
            <td>{cronSentence(text, trans) ?? text}</td>
            <td title={next === null ? undefined : formatFull(next)}>
              {schedule.state === 'paused'
                ? trans.__('paused')
                : next === null
                  ? ''
                  : formatMoment(next, Date.now())}
            </td>
          </tr>
        );
      })}
    </DataTable>
  );
}
