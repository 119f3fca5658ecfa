import type { CommandRegistry } from '@lumino/commands';
import React from 'react';
import type { IFunction } from '../../api/documents';
import { sourceOf } from '../../api/functions';
import { CommandIDs } from '../../commands';
import { Button, IconButton } from '../../components/button';
import { Code } from '../../components/code';
import { Empty, Skeleton } from '../../components/empty';
import { Fact } from '../../components/fact';
import { Icon } from '../../components/icon';
import { MenuEntry, openMenu } from '../../components/menu';
import { Note } from '../../components/note';
import { ISection, ObjectTab } from '../../components/objectTab';
import { StateIcon, stateWord } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatCount, formatSince, parseTime, shortId } from '../../format';
import { FunctionModel, IFunctionVersion } from '../../models/function';
import { Build } from './build';
import { FunctionRuns, useRuns, useRunTurn } from './runs';
import { FunctionSchedules } from './schedules';
import { FunctionUsers } from './usedBy';
import { Versions } from './versions';

/** What the tab of a function works on. */
export interface IFunctionTab {
  model: FunctionModel;
  versions: IFunctionVersion[];
  commands: CommandRegistry;
}

/** What its sections work on: the version that is shown. */
export interface IFunctionSection extends IFunctionTab {
  shown: IFunctionVersion;
}

/** The tab of a function: versions, code, spec, runs, schedules. */
export function FunctionTab(props: IFunctionTab) {
  const trans = useTrans();
  const { model, versions, commands } = props;
  const shown = model.shownOf(versions);
  const { doc, hash, tags } = shown;
  const state = String(doc.status?.state ?? '');
  const args = { project: model.ref.project, name: model.ref.name };
  const whole = model.whole(hash);
  const runs = useRuns(props);
  const turn = useRunTurn(props);
  React.useEffect(() => {
    void model.readAround(versions.slice(0, 20));
  }, [model, versions, turn]);
  const form = { ...args, ...(shown === versions[0] ? {} : { hash }) };
  const more: MenuEntry[] = [
    {
      command: CommandIDs.deleteFunction,
      args: { ...args, hash }
    },
    { command: CommandIDs.deleteFunction, args }
  ];
  return (
    <ObjectTab
      icon={<Icon name="function" />}
      name={model.ref.name}
      subtitle={
        <>
          {state && (
            <>
              <StateIcon state={state} size={14} decorative />
              <span>{stateWord(state, trans)}</span>
            </>
          )}
          <span className="jp-mlrun-mono jp-mlrun-dim" title={hash}>
            {shortId(hash)}
          </span>
          {tags.map(tag => (
            <span key={tag} className="jp-mlrun-tag">
              {tag}
            </span>
          ))}
        </>
      }
      actions={
        <>
          <Button
            primary
            label={trans.__('Run…')}
            onClick={() => void commands.execute(CommandIDs.runForm, form)}
          />
          <Button
            label={trans.__('Schedule…')}
            onClick={() =>
              void commands.execute(CommandIDs.runForm, {
                ...form,
                schedule: true
              })
            }
          />
          <Button
            icon="download"
            label={trans.__('Export…')}
            title={trans.__(
              'Save or copy it as a module, YAML, a notebook or a command line'
            )}
            onClick={() =>
              void commands.execute(CommandIDs.exportFunction, {
                ...args,
                hash
              })
            }
          />
          <IconButton
            icon="more"
            label={trans.__('More actions')}
            hasPopup
            onClick={event => openMenu(commands, more, event)}
          />
        </>
      }
      facts={<Facts {...props} shown={shown} />}
      notes={model.trouble && <Note kind="warning">{model.trouble}</Note>}
      sections={sectionsOf({ ...props, shown }, whole, runs.total, trans)}
      section={model.section}
      sectionsLabel={trans.__('Sections of the function')}
      onSection={id => (model.section = id)}
    />
  );
}

function Facts({ model, shown }: IFunctionSection) {
  const trans = useTrans();
  const { doc, hash } = shown;
  const usage = model.usage(hash);
  const start = parseTime(usage?.last?.start_time);
  return (
    <>
      <Fact icon="chip">
        <b>{doc.kind || 'local'}</b>
      </Fact>
      {doc.spec.default_handler && (
        <Fact title={doc.spec.default_handler}>
          {trans.__('handler')}{' '}
          <b className="jp-mlrun-mono">{doc.spec.default_handler}</b>
        </Fact>
      )}
      {doc.spec.image && <Fact>{doc.spec.image}</Fact>}
      {usage && (
        <Fact>
          {trans._n(
            '%1 run of this version',
            '%1 runs of this version',
            usage.runs,
            formatCount(usage.runs)
          )}
        </Fact>
      )}
      {start !== null && (
        <Fact>
          {trans.__('last %1', formatSince(start, Date.now(), trans))}
        </Fact>
      )}
      <Fact>{trans.__('project %1', model.ref.project)}</Fact>
    </>
  );
}

function sectionsOf(
  props: IFunctionSection,
  whole: IFunction | undefined,
  runs: number | null,
  trans: ReturnType<typeof useTrans>
): ISection[] {
  const wait = () => <Skeleton label={trans.__('The code is being read')} />;
  return [
    {
      id: 'versions',
      label: trans.__('Versions'),
      count: props.versions.length,
      render: () => <Versions {...props} />
    },
    {
      id: 'code',
      label: trans.__('Code'),
      render: () =>
        !whole ? (
          wait()
        ) : sourceOf(whole) ? (
          <Code text={sourceOf(whole)} label={trans.__('Code')} />
        ) : (
          <Empty>
            {trans.__(
              'Its code is not in the document: it runs %1.',
              whole.spec.command || whole.spec.image || '–'
            )}
          </Empty>
        )
    },
    {
      id: 'spec',
      label: trans.__('Spec'),
      render: () =>
        whole ? (
          <Code
            text={JSON.stringify(withoutCode(whole), null, 2)}
            language="json"
            label={trans.__('Document of the function')}
          />
        ) : (
          wait()
        )
    },
    ...(whole && isBuilt(whole)
      ? [
          {
            id: 'build',
            label: trans.__('Build'),
            manual: true,
            render: () => <Build {...props} doc={whole} />
          }
        ]
      : []),
    {
      id: 'runs',
      label: trans.__('Runs'),
      count: runs,
      render: () => <FunctionRuns {...props} />
    },
    {
      id: 'schedules',
      label: trans.__('Schedules'),
      render: () => <FunctionSchedules {...props} />
    },
    {
      id: 'users',
      label: trans.__('Used by'),
      render: () => <FunctionUsers {...props} />
    }
  ];
}

/** Whether an image can be built of it: kinds that run in pods have one. */
function isBuilt({ kind, spec, status }: IFunction): boolean {
  return (
    ['job', 'dask', 'mpijob', 'spark'].includes(kind) ||
    Boolean(spec.build?.requirements?.length) ||
    Boolean(status?.build)
  );
}

/** The document without what is shown elsewhere or too large to read. */
function withoutCode(doc: IFunction): object {
  const { build, files, ...spec } = doc.spec;
  return {
    ...doc,
    spec: {
      ...spec,
      build: { ...build, functionSourceCode: undefined },
      files: files?.map(({ path, hash }) => ({ path, hash }))
    }
  };
}
