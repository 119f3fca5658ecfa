import type { CommandRegistry } from '@lumino/commands';
import React from 'react';
import type { IEvent, IProjectRow } from '../../api/documents';
import { listProjects } from '../../api/projects';
import { reasonOf } from '../../api/request';
import { CommandIDs } from '../../commands';
import { Button, LinkButton } from '../../components/button';
import { useNow } from '../../components/clock';
import { DataTable } from '../../components/dataTable';
import { Empty, Skeleton } from '../../components/empty';
import { Icon } from '../../components/icon';
import { Note } from '../../components/note';
import { ObjectTab } from '../../components/objectTab';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatCount, formatFull, formatSince, parseTime } from '../../format';
import type { IMLRunService } from '../../tokens';

const QUIET = 1500;
const EVENTS = ['project', 'run'];

/** All projects, with what runs and failed in each. */
export function ProjectsTab(props: {
  service: IMLRunService;
  commands: CommandRegistry;
}) {
  const trans = useTrans();
  const { service, commands } = props;
  const { rows, failure, reload } = useProjects(service);
  const [search, setSearch] = React.useState('');
  const shown = (rows ?? []).filter(({ name }) =>
    name.includes(search.trim().toLowerCase())
  );
  return (
    <ObjectTab
      icon={<Icon name="folder" />}
      name={trans.__('Projects')}
      subtitle={rows ? formatCount(rows.length) : ''}
      actions={
        <Button
          primary
          icon="plus"
          label={trans.__('New project…')}
          onClick={() => void commands.execute(CommandIDs.newProject)}
        />
      }
      notes={
        failure && (
          <Note
            kind="error"
            actions={[{ label: trans.__('Try again'), onClick: reload }]}
          >
            {failure}
          </Note>
        )
      }
      sections={[
        {
          id: 'all',
          label: trans.__('All projects'),
          render: () => (
            <>
              <input
                type="search"
                className="jp-mlrun-input"
                placeholder={trans.__('Find a project')}
                aria-label={trans.__('Find a project')}
                value={search}
                onChange={event => setSearch(event.target.value)}
              />
              {rows === null ? (
                failure ? null : (
                  <Skeleton label={trans.__('The projects are being read')} />
                )
              ) : shown.length === 0 ? (
                <Empty line="%mlrun project churn">
                  {rows.length
                    ? trans.__('No project has such a name. Make one:')
                    : trans.__('There is no project yet. Make one:')}
                </Empty>
              ) : (
                <Projects {...props} rows={shown} />
              )}
            </>
          )
        }
      ]}
      section="all"
      sectionsLabel={trans.__('Projects')}
      onSection={() => undefined}
    />
  );
}

function Projects(props: {
  rows: readonly IProjectRow[];
  service: IMLRunService;
  commands: CommandRegistry;
}) {
  const trans = useTrans();
  const now = useNow();
  const { rows, commands } = props;
  const show = (project: string, q: string) =>
    void commands.execute(CommandIDs.openPanel, { project, q });
  return (
    <DataTable
      label={trans.__('Projects')}
      columns={[
        trans.__('Project'),
        { label: trans.__('Runs'), number: true },
        { label: trans.__('Running'), number: true },
        { label: trans.__('Failed'), number: true },
        trans.__('Last run')
      ]}
    >
      {rows.map(({ name, runs, running, failed, last }) => {
        const time = parseTime(last);
        return (
          <tr key={name}>
            <td>
              <LinkButton
                label={name}
                onClick={() =>
                  void commands.execute(CommandIDs.openProject, {
                    project: name,
                    name
                  })
                }
              />
            </td>
            <td className="jp-mlrun-num">
              <LinkButton
                label={formatCount(runs)}
                title={trans.__('Show the runs of %1', name)}
                onClick={() => show(name, '')}
              />
            </td>
            <Count
              state="running"
              count={running}
              title={trans.__('Show what runs in %1', name)}
              onClick={() => show(name, 'state:running')}
            />
            <Count
              state="error"
              count={failed}
              title={trans.__('Show what failed in %1', name)}
              onClick={() => show(name, 'state:error')}
            />
            <td title={time === null ? undefined : formatFull(time)}>
              {time === null ? '' : formatSince(time, now, trans)}
            </td>
          </tr>
        );
      })}
    </DataTable>
  );
}

function Count(props: {
  state: string;
  count: number;
  title: string;
  onClick: () => void;
}) {
  const { state, count, title, onClick } = props;
  return (
    <td className="jp-mlrun-num">
      {count > 0 && (
        <>
          <StateIcon state={state} size={12} still decorative />{' '}
          <LinkButton
            label={formatCount(count)}
            title={title}
            onClick={onClick}
          />
        </>
      )}
    </td>
  );
}

function useProjects(service: IMLRunService): {
  rows: readonly IProjectRow[] | null;
  failure: string;
  reload: () => void;
} {
  const [rows, setRows] = React.useState<readonly IProjectRow[] | null>(null);
  const [failure, setFailure] = React.useState('');
  const [turn, setTurn] = React.useState(0);
  React.useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setTurn(known => known + 1);
      }, QUIET);
    };
    const hear = (_: unknown, event: IEvent) => {
      if (EVENTS.includes(event.kind)) {
        again();
      }
    };
    service.events.connect(hear);
    service.resync.connect(again);
    return () => {
      clearTimeout(timer);
      service.events.disconnect(hear);
      service.resync.disconnect(again);
    };
  }, [service]);
  React.useEffect(() => {
    let current = true;
    listProjects(service.settings).then(
      found => {
        if (current) {
          setRows(found);
          setFailure('');
        }
      },
      reason => current && setFailure(reasonOf(reason))
    );
    return () => {
      current = false;
    };
  }, [service, turn]);
  return { rows, failure, reload: () => setTurn(known => known + 1) };
}
