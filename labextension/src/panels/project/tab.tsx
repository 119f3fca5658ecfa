import { InputDialog, Notification } from '@jupyterlab/apputils';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';
import type { IRunRow } from '../../api/documents';
import { deleteProject, IProject } from '../../api/projects';
import { reasonOf } from '../../api/request';
import { listRuns } from '../../api/runs';
import { CommandIDs } from '../../commands';
import { Button, LinkButton } from '../../components/button';
import { Fact } from '../../components/fact';
import { Icon } from '../../components/icon';
import { Note } from '../../components/note';
import { ObjectTab } from '../../components/objectTab';
import { RunTable } from '../../components/runTable';
import { StateIcon, stateWord } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatCount, formatMoment, parseTime } from '../../format';
import type { ObjectModel } from '../../models/objectModel';
import { Members } from './members';
import { Secrets } from './secrets';
import { ProjectSettings } from './settings';

const LAST_FAILURES = 10;
const QUIET = 1000;

/** What the tab of a project works on. */
export interface IProjectTab {
  model: ObjectModel<IProject>;
  project: IProject;
  commands: CommandRegistry;
}

/** The tab of a project. */
export function ProjectTab(props: IProjectTab) {
  const trans = useTrans();
  const { model, project, commands } = props;
  const { name, created } = project.metadata;
  const made = parseTime(created);
  return (
    <ObjectTab
      icon={<Icon name="folder" />}
      name={name}
      actions={
        <>
          <Button
            primary
            label={trans.__('Show its runs')}
            onClick={() =>
              void commands.execute(CommandIDs.openPanel, {
                project: name,
                q: ''
              })
            }
          />
          <Button
            label={trans.__('Delete…')}
            onClick={() => void remove(props, trans)}
          />
        </>
      }
      facts={
        <>
          {project.spec.owner && (
            <Fact>{trans.__('of %1', project.spec.owner)}</Fact>
          )}
          {made !== null && (
            <Fact>{trans.__('since %1', formatMoment(made, Date.now()))}</Fact>
          )}
          {project.spec.description && <Fact>{project.spec.description}</Fact>}
        </>
      }
      sections={[
        {
          id: 'overview',
          label: trans.__('Overview'),
          render: () => <Overview {...props} />
        },
        {
          id: 'settings',
          label: trans.__('Settings'),
          render: () => <ProjectSettings {...props} />
        },
        {
          id: 'members',
          label: trans.__('Members'),
          render: () => <Members {...props} />
        },
        {
          id: 'secrets',
          label: trans.__('Secrets'),
          render: () => <Secrets {...props} />
        }
      ]}
      section={model.section}
      sectionsLabel={trans.__('Sections of the project')}
      onSection={id => (model.section = id)}
    />
  );
}

/** Delete the project, once its name was typed. */
async function remove(
  { model, project }: IProjectTab,
  trans: ReturnType<typeof useTrans>
): Promise<void> {
  const { name } = project.metadata;
  const answer = await InputDialog.getText({
    title: trans.__('Delete project %1?', name),
    label: trans.__(
      'Its runs, logs, functions, artifacts, schedules and secrets are lost. Type its name:'
    ),
    okLabel: trans.__('Delete')
  });
  if (!answer.button.accept) {
    return;
  }
  if (answer.value?.trim() !== name) {
    Notification.warning(
      trans.__('%1 was not deleted: another name was typed.', name),
      { autoClose: 8000 }
    );
    return;
  }
  const { service } = model;
  try {
    await model.act(() => deleteProject(service.settings, name));
    if (service.project === name) {
      service.project = null;
    }
  } catch (reason) {
    Notification.error(
      trans.__('%1 was not deleted: %2', name, reasonOf(reason)),
      { autoClose: false }
    );
  }
}

const SHOWN = ['running', 'pending', 'error', 'aborted', 'completed'];

/** Counters by state, and the last failures. */
function Overview({ model, project, commands }: IProjectTab) {
  const trans = useTrans();
  const { name } = project.metadata;
  const [counts, setCounts] = React.useState<Record<string, number>>({});
  const [failed, setFailed] = React.useState<readonly IRunRow[] | null>(null);
  const [failure, setFailure] = React.useState('');
  const { service } = model;
  const [turn, setTurn] = React.useState(0);
  React.useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (_: unknown, event: { kind: string; project: string }) => {
      if (event.kind === 'run' && event.project === name) {
        timer ??= setTimeout(() => {
          timer = undefined;
          setTurn(known => known + 1);
        }, QUIET);
      }
    };
    service.events.connect(again);
    return () => {
      clearTimeout(timer);
      service.events.disconnect(again);
    };
  }, [service, name]);
  React.useEffect(() => {
    let current = true;
    listRuns(service.settings, {
      project: name,
      states: ['error'],
      limit: LAST_FAILURES
    }).then(
      page => {
        if (current) {
          setCounts(page.counts);
          setFailed(page.rows);
          setFailure('');
        }
      },
      reason => current && setFailure(reasonOf(reason))
    );
    return () => {
      current = false;
    };
  }, [service, name, turn]);
  if (failure) {
    return <Note kind="error">{failure}</Note>;
  }
  return (
    <>
      <ul className="jp-mlrun-counters" aria-label={trans.__('Runs by state')}>
        {SHOWN.map(state => (
          <li key={state}>
            <StateIcon state={state} decorative />
            <b>{formatCount(counts[state] ?? 0)}</b>{' '}
            <LinkButton
              label={stateWord(state, trans)}
              onClick={() =>
                void commands.execute(CommandIDs.openPanel, {
                  project: name,
                  q: `state:${state}`
                })
              }
            />
          </li>
        ))}
      </ul>
      <h2>{trans.__('Last failures')}</h2>
      {failed && failed.length > 0 ? (
        <RunTable
          rows={failed}
          label={trans.__('Last failures')}
          onOpen={({ project, uid }) =>
            void commands.execute(CommandIDs.openRun, { project, uid })
          }
        />
      ) : (
        <p className="jp-mlrun-quiet">{trans.__('No run has failed.')}</p>
      )}
    </>
  );
}
