import type { CommandRegistry } from '@lumino/commands';
import { UseSignal } from '@jupyterlab/ui-components';
import React from 'react';
import type { IProjectRow } from '../../api/documents';
import { listProjects } from '../../api/projects';
import { reasonOf } from '../../api/request';
import { CommandIDs } from '../../commands';
import { Icon } from '../../components/icon';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatCount } from '../../format';
import type { IMLRunService } from '../../tokens';

/** The button that names the project shown and opens the list of them. */
export function ProjectSwitcher(props: {
  service: IMLRunService;
  commands: CommandRegistry;
}) {
  const trans = useTrans();
  const { service } = props;
  const [open, setOpen] = React.useState(false);
  const button = React.useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <UseSignal signal={service.projectChanged}>
      {() => (
        <span className="jp-mlrun-switcher">
          <button
            ref={button}
            type="button"
            className="jp-mlrun-switcher-button"
            data-jp-mlrun-switcher=""
            aria-haspopup="listbox"
            aria-expanded={open}
            title={trans.__('Choose the project shown')}
            onClick={() => setOpen(!open)}
          >
            <b
              className="jp-mlrun-ellipsis"
              title={service.project ?? undefined}
            >
              <bdi>{service.project ?? trans.__('All projects')}</bdi>
            </b>
            <Icon name="chevron" size={12} />
          </button>
          {open && (
            <ProjectList
              service={service}
              commands={props.commands}
              onClose={close}
            />
          )}
        </span>
      )}
    </UseSignal>
  );
}

interface IChoice {
  project: string | null;
  row?: IProjectRow;
}

function useProjects(service: IMLRunService) {
  const [rows, setRows] = React.useState<IProjectRow[]>([]);
  const [failure, setFailure] = React.useState('');
  React.useEffect(() => {
    let left = false;
    listProjects(service.settings).then(
      found => !left && setRows(found),
      reason => !left && setFailure(reasonOf(reason))
    );
    return () => {
      left = true;
    };
  }, [service]);
  return { rows, failure };
}

function ProjectList(props: {
  service: IMLRunService;
  commands: CommandRegistry;
  onClose: () => void;
}) {
  const trans = useTrans();
  const { service, onClose } = props;
  const { rows, failure } = useProjects(service);
  const [search, setSearch] = React.useState('');
  const [at, setAt] = React.useState(0);
  const id = React.useId();
  const found = rows.filter(row => row.name.includes(search.toLowerCase()));
  const choices: IChoice[] = [
    ...(search ? [] : [{ project: null }]),
    ...found.map(row => ({ project: row.name, row }))
  ];
  const choose = (choice: IChoice | undefined) => {
    if (choice) {
      service.project = choice.project;
    }
    onClose();
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => setAt(Math.min(at + 1, choices.length - 1)),
    ArrowUp: () => setAt(Math.max(at - 1, 0)),
    Enter: () => choose(choices[at]),
    Escape: onClose
  };
  return (
    <div
      className="jp-mlrun-switcher-list"
      onBlur={event => {
        if (!event.currentTarget.contains(event.relatedTarget)) {
          onClose();
        }
      }}
      onKeyDown={event => {
        if (keys[event.key]) {
          event.preventDefault();
          event.stopPropagation();
          keys[event.key]();
        }
      }}
    >
      <input
        autoFocus
        type="text"
        role="combobox"
        aria-label={trans.__('Find a project')}
        aria-controls={`${id}-list`}
        aria-expanded="true"
        aria-activedescendant={`${id}-${at}`}
        placeholder={trans.__('Find a project')}
        value={search}
        onChange={event => {
          setSearch(event.target.value);
          setAt(0);
        }}
      />
      {failure && <div role="alert">{failure}</div>}
      <ul
        id={`${id}-list`}
        role="listbox"
        aria-label={trans.__('Projects')}
        tabIndex={-1}
      >
        {choices.map((choice, index) => (
          <Choice
            key={choice.project ?? ''}
            id={`${id}-${index}`}
            choice={choice}
            active={index === at}
            chosen={choice.project === service.project}
            onChoose={() => choose(choice)}
          />
        ))}
      </ul>
      {service.project !== null && (
        <button
          type="button"
          className="jp-mlrun-switcher-new"
          onKeyDown={event => event.stopPropagation()}
          onClick={() => {
            onClose();
            void props.commands.execute(CommandIDs.openProject, {
              project: service.project,
              name: service.project
            });
          }}
        >
          <Icon name="gear" size={14} />
          {trans.__('Project settings')}
        </button>
      )}
      <button
        type="button"
        className="jp-mlrun-switcher-new"
        onKeyDown={event => event.stopPropagation()}
        onClick={() => {
          onClose();
          void props.commands.execute(CommandIDs.openProjects);
        }}
      >
        <Icon name="folder" size={14} />
        {trans.__('Show all projects')}
      </button>
      <button
        type="button"
        className="jp-mlrun-switcher-new"
        onKeyDown={event => event.stopPropagation()}
        onClick={() => {
          onClose();
          void props.commands.execute(CommandIDs.newProject);
        }}
      >
        <Icon name="plus" size={14} />
        {trans.__('New project…')}
      </button>
    </div>
  );
}

function Choice(props: {
  id: string;
  choice: IChoice;
  active: boolean;
  chosen: boolean;
  onChoose: () => void;
}) {
  const trans = useTrans();
  const { row, project } = props.choice;
  return (
    <li
      id={props.id}
      role="option"
      aria-selected={props.chosen}
      className={props.active ? 'jp-mod-active' : ''}
      onMouseDown={event => event.preventDefault()}
      onClick={props.onChoose}
    >
      <span className="jp-mlrun-ellipsis" title={project ?? undefined}>
        <bdi>{project ?? trans.__('All projects')}</bdi>
      </span>
      {row && row.running > 0 && (
        <span className="jp-mlrun-switcher-count">
          <StateIcon state="running" size={12} still /> {row.running}
        </span>
      )}
      {row && <span className="jp-mlrun-dim">{formatCount(row.runs)}</span>}
      {props.chosen && <Icon name="check" size={12} />}
    </li>
  );
}
