import { Clipboard } from '@jupyterlab/apputils';
import React from 'react';
import { IRunRow, isLive } from '../../api/documents';
import { parseFunctionUri } from '../../api/functions';
import { CommandIDs } from '../../commands';
import { Button, IconButton, LinkButton } from '../../components/button';
import { useNow } from '../../components/clock';
import { Skeleton } from '../../components/empty';
import { Fact } from '../../components/fact';
import { LogView } from '../../components/logView';
import { openMenu } from '../../components/menu';
import { Note } from '../../components/note';
import { ISection, ObjectTab } from '../../components/objectTab';
import { gapOf } from '../../components/runWords';
import { StateIcon, stateWord } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import {
  formatDuration,
  formatElapsed,
  formatFull,
  formatMoment,
  formatSince,
  parseTime,
  shortId
} from '../../format';
import { downloadLog } from '../../models/download';
import { Artifacts } from './artifacts';
import { CodeSection } from './code';
import { Environment } from './environment';
import { iterationsOf } from '../../models/iterations';
import { Iterations } from './iterations';
import { Lineage } from './lineage';
import type { Section } from './model';
import { Overview } from './overview';
import { Pods } from './pods';
import type { IRunTabProps } from './props';

/** The tab of a run. */
export function RunBody(props: IRunTabProps) {
  const trans = useTrans();
  const { model } = props;
  const { row, run } = model;
  if (!row) {
    return run.failure ? (
      <Missing {...props} />
    ) : (
      <Skeleton label={trans.__('The run is being read')} />
    );
  }
  return (
    <ObjectTab
      icon={<StateIcon state={row.state} decorative />}
      name={row.name}
      subtitle={<Subtitle row={row} />}
      actions={<Actions {...props} row={row} />}
      facts={<Facts {...props} row={row} />}
      notes={<Notes {...props} />}
      sections={useSections(props)}
      section={model.section}
      sectionsLabel={trans.__('Sections of the run')}
      onSection={id => (model.section = id as Section)}
    />
  );
}

function Missing(props: IRunTabProps) {
  const trans = useTrans();
  const { run } = props.model;
  return (
    <Note
      kind="error"
      actions={[
        { label: trans.__('Try again'), onClick: () => void props.model.open() }
      ]}
    >
      {run.gone
        ? trans.__(
            'There is no run %1 in project %2: it was deleted, or it is in another store.',
            shortId(run.ref.uid),
            run.ref.project
          )
        : trans.__('The run was not read: %1', run.failure ?? '')}
    </Note>
  );
}

function useSections(props: IRunTabProps): ISection[] {
  const trans = useTrans();
  const { model } = props;
  const count = model.doc ? iterationsOf(model.doc).numbers.length : null;
  const wait = () => <Skeleton label={trans.__('The run is being read')} />;
  const ready = model.doc !== null;
  return [
    {
      id: 'overview',
      label: trans.__('Overview'),
      render: () => (ready ? <Overview {...props} /> : wait())
    },
    {
      id: 'iterations',
      label: trans.__('Iterations'),
      count: count || null,
      render: () => (ready ? <Iterations model={model} /> : wait())
    },
    {
      id: 'artifacts',
      label: trans.__('Artifacts'),
      count: model.artifacts.length || null,
      render: () => <Artifacts {...props} />
    },
    {
      id: 'log',
      label: trans.__('Log'),
      manual: true,
      render: () =>
        model.log ? (
          <LogView
            source={model.log}
            wish={model.wish}
            onPlace={props.onPlace}
            onDownload={() =>
              void downloadLog(model.service.settings, model.ref)
            }
          />
        ) : null
    },
    {
      id: 'code',
      label: trans.__('Code'),
      render: () => (ready ? <CodeSection {...props} /> : wait())
    },
    {
      id: 'environment',
      label: trans.__('Environment'),
      render: () => (ready ? <Environment model={model} /> : wait())
    },
    {
      id: 'pods',
      label: trans.__('Pods'),
      count: model.doc?.status.pods?.length || null,
      manual: true,
      render: () => <Pods model={model} />
    },
    {
      id: 'lineage',
      label: trans.__('Lineage'),
      manual: true,
      render: () => <Lineage {...props} />
    }
  ];
}

function Subtitle(props: { row: IRunRow }) {
  const trans = useTrans();
  const { row } = props;
  const live = isLive(row.state);
  const now = useNow(live);
  const start = parseTime(row.start_time);
  const time = live
    ? start === null
      ? null
      : formatElapsed((now - start) / 1000)
    : row.duration === null
      ? null
      : formatDuration(row.duration);
  const word = stateWord(row.state, trans);
  const words =
    time === null
      ? word
      : row.state === 'error'
        ? trans.__('failed after %1', time)
        : row.state === 'completed'
          ? trans.__('completed in %1', time)
          : trans.__('%1 %2', word, time);
  return (
    <>
      <span className="jp-mlrun-number" data-state={row.state}>
        {words}
      </span>
      <span className="jp-mlrun-mono jp-mlrun-dim" title={row.uid}>
        {shortId(row.uid)}
      </span>
      <IconButton
        label={trans.__('Copy the id of the run')}
        icon="copy"
        onClick={() => Clipboard.copyToSystem(row.uid)}
      />
    </>
  );
}

function Actions(props: IRunTabProps & { row: IRunRow }) {
  const trans = useTrans();
  const { model, row, commands } = props;
  const live = isLive(row.state);
  const args = { ...model.ref };
  const again = async () => {
    const made = await model.rerun();
    if (made) {
      props.onOpen(made);
    }
  };
  return (
    <>
      {live ? (
        <Button
          label={trans.__('Stop')}
          icon="stop"
          disabled={row.state === 'aborting'}
          onClick={() => void model.run.stop()}
        />
      ) : (
        <Button
          label={trans.__('Rerun')}
          icon="rerun"
          onClick={() => void again()}
        />
      )}
      <Button
        label={trans.__('Rerun with edits…')}
        onClick={() => void commands.execute(CommandIDs.editAndRerun, args)}
      />
      {model.previous && commands.hasCommand(CommandIDs.comparePrevious) && (
        <Button
          label={trans.__('Compare with previous')}
          onClick={() =>
            void commands.execute(CommandIDs.comparePrevious, args)
          }
        />
      )}
      <IconButton
        label={trans.__('More actions')}
        icon="more"
        hasPopup
        onClick={event =>
          openMenu(
            commands,
            [
              { command: CommandIDs.openLog, args },
              { command: CommandIDs.goToCell, args },
              { command: CommandIDs.copyRunId, args },
              { command: CommandIDs.copyLine, args },
              { command: CommandIDs.exportRun, args },
              'separator',
              { command: CommandIDs.deleteRun, args }
            ],
            event
          )
        }
      />
    </>
  );
}

function Facts(props: IRunTabProps & { row: IRunRow }) {
  const trans = useTrans();
  const { row, model } = props;
  const now = useNow();
  const start = parseTime(row.start_time);
  const since = start === null ? null : formatSince(start, now, trans);
  const place = parseFunctionUri(row.function ?? '');
  const count = model.doc?.spec.origin?.execution_count;
  const placeReason = model.doc?.status.place_reason;
  const name = row.notebook?.split('/').pop();
  const labels = Object.entries(row.labels).filter(
    ([key]) => !['kind', 'owner', 'host'].includes(key)
  );
  return (
    <>
      {place && (
        <Fact icon="function" title={row.function ?? ''}>
          <b>
            {place.name}
            {place.hash ? `@${shortId(place.hash)}` : ''}
          </b>
        </Fact>
      )}
      {row.kind && (
        <Fact icon="chip" title={placeReason ?? undefined}>
          <b>{row.kind}</b> {placeReason}
        </Fact>
      )}
      {start !== null && (
        <Fact icon="clock" title={formatFull(start)}>
          <b className="jp-mlrun-number">{formatMoment(start, now)}</b>{' '}
          {since !== formatMoment(start, now) && since}
        </Fact>
      )}
      {row.owner && <Fact>{trans.__('by %1', row.owner)}</Fact>}
      {name && (
        <span>
          {trans.__('from')}{' '}
          <LinkButton
            label={count ? `${name} [${count}]` : name}
            title={trans.__('Go to the cell in %1', row.notebook ?? '')}
            onClick={() => props.onCell()}
          />
        </span>
      )}
      <Fact>{trans.__('project %1', row.project)}</Fact>
      {labels.slice(0, 2).map(([key, value]) => (
        <span key={key} className="jp-mlrun-tag" title={`${key}=${value}`}>
          <bdi>
            {key}={value}
          </bdi>
        </span>
      ))}
      {labels.length > 2 && (
        <span
          className="jp-mlrun-tag"
          title={labels.map(([key, value]) => `${key}=${value}`).join('\n')}
        >
          +{labels.length - 2}
        </span>
      )}
    </>
  );
}

function Notes(props: IRunTabProps) {
  const trans = useTrans();
  const { row, run, failures } = props.model;
  const gap = row && gapOf(row);
  return (
    <>
      {gap && <Note kind="warning">{gap}</Note>}
      {run.gone && (
        <Note kind="warning">
          {trans.__(
            'This run has been deleted; what is shown was read before.'
          )}
        </Note>
      )}
      {run.failure && !run.gone && (
        <Note
          kind="error"
          actions={[
            { label: trans.__('Try again'), onClick: () => void run.refresh() }
          ]}
        >
          {run.failure}
        </Note>
      )}
      {failures.map(failure => (
        <Note key={failure} kind="warning">
          {failure}
        </Note>
      ))}
    </>
  );
}
