import React from 'react';
import type { IRunRow } from '../../api/documents';
import { reasonOf } from '../../api/request';
import { listRuns } from '../../api/runs';
import { listSchedules } from '../../api/schedules';
import { CommandIDs } from '../../commands';
import { LinkButton } from '../../components/button';
import { DataTable } from '../../components/dataTable';
import { Empty, Skeleton } from '../../components/empty';
import { Note } from '../../components/note';
import { RunTable } from '../../components/runTable';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatCount, formatFull, formatMoment, parseTime } from '../../format';
import {
  IFunctionUser,
  isScheduled,
  usersOf
} from '../../models/functionUsers';
import { useRunTurn } from './runs';
import type { IFunctionSection } from './tab';

const LOOKED_AT = 500;
const SHOWN = 20;

interface IFound {
  hash: string;
  users: IFunctionUser[];
  runs: IRunRow[];
  /** Whether older runs were not looked at. */
  partly: boolean;
}

/** What runs the version that is shown, and its runs. */
export function FunctionUsers(props: IFunctionSection) {
  const trans = useTrans();
  const { commands, model } = props;
  const { found, failure } = useUsers(props);
  if (failure) {
    return <Note kind="error">{failure}</Note>;
  }
  if (found?.hash !== props.shown.hash) {
    return <Skeleton label={trans.__('What uses it is being read')} />;
  }
  if (found.users.length === 0) {
    return (
      <Empty line={`%mlrun run ${model.ref.name}`}>
        {trans.__('Nothing has used this version yet. Run it:')}
      </Empty>
    );
  }
  return (
    <>
      <DataTable
        label={trans.__('What uses this version')}
        columns={[
          trans.__('What'),
          trans.__('Name'),
          { label: trans.__('Runs'), number: true },
          trans.__('Last')
        ]}
      >
        {found.users.map(user => (
          <User key={`${user.kind} ${user.name}`} {...props} user={user} />
        ))}
      </DataTable>
      {found.partly && (
        <p className="jp-mlrun-quiet">
          {trans.__(
            'Looked at: the last %1 runs of this version.',
            formatCount(LOOKED_AT)
          )}
        </p>
      )}
      {found.runs.length > 0 && (
        <>
          <h2>{trans.__('Runs of this version')}</h2>
          <RunTable
            rows={found.runs.slice(0, SHOWN)}
            label={trans.__('Runs of this version')}
            onOpen={({ project, uid }) =>
              void commands.execute(CommandIDs.openRun, { project, uid })
            }
          />
        </>
      )}
    </>
  );
}

function User(props: IFunctionSection & { user: IFunctionUser }) {
  const trans = useTrans();
  const { user, commands, model } = props;
  const { kind, name, last } = user;
  const words: Readonly<Record<IFunctionUser['kind'], string>> = {
    notebook: trans.__('notebook'),
    schedule: trans.__('schedule'),
    workflow: trans.__('workflow'),
    person: trans.__('code of')
  };
  const start = parseTime(last?.start_time);
  const open = {
    notebook: () =>
      commands.execute(CommandIDs.goToCell, {
        project: last?.project,
        uid: last?.uid
      }),
    schedule: () =>
      commands.execute(CommandIDs.openSchedule, {
        project: model.ref.project,
        name
      }),
    workflow: () =>
      commands.execute(CommandIDs.openRuns, {
        project: model.ref.project,
        q: `"label:workflow=${name}"`
      }),
    person: null
  }[kind];
  return (
    <tr>
      <td>{words[kind]}</td>
      <td>
        {open ? (
          <LinkButton label={name} onClick={() => void open()} />
        ) : (
          <bdi>{name || '–'}</bdi>
        )}
      </td>
      <td className="jp-mlrun-num">{formatCount(user.runs)}</td>
      <td title={start === null ? undefined : formatFull(start)}>
        {last && start !== null ? (
          <span className="jp-mlrun-stateCell">
            <StateIcon state={last.state} />
            {formatMoment(start, Date.now())}
          </span>
        ) : (
          <span className="jp-mlrun-dim">{trans.__('not yet')}</span>
        )}
      </td>
    </tr>
  );
}

function useUsers(props: IFunctionSection): {
  found: IFound | null;
  failure: string;
} {
  const [found, setFound] = React.useState<IFound | null>(null);
  const [failure, setFailure] = React.useState('');
  const { model, versions, shown } = props;
  const turn = useRunTurn(props);
  const { service, ref } = model;
  const { hash } = shown;
  const tags = shown.tags.join(' ');
  const isNewest = shown === versions[0];
  React.useEffect(() => {
    let current = true;
    const { settings } = service;
    const { project, name } = ref;
    const version = { hash, tags: tags.split(' '), isNewest };
    const read = async (): Promise<IFound> => {
      const [page, schedules] = await Promise.all([
        listRuns(settings, {
          project,
          function: `${name}@${hash}`,
          limit: LOOKED_AT
        }),
        listSchedules(settings, project)
      ]);
      const mine = schedules
        .filter(schedule => isScheduled(schedule, ref, version))
        .map(schedule => schedule.name);
      return {
        hash,
        users: usersOf(page.rows, mine),
        runs: page.rows,
        partly: page.total > page.rows.length
      };
    };
    read().then(
      answer => {
        if (current) {
          setFound(answer);
          setFailure('');
        }
      },
      reason => current && setFailure(reasonOf(reason))
    );
    return () => {
      current = false;
    };
  }, [service, ref, hash, tags, isNewest, model.version, turn]);
  return { found, failure };
}
