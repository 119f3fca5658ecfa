import React from 'react';
import { IBuild, startBuild, stopBuild } from '../../api/builds';
import type { IFunction } from '../../api/documents';
import { reasonOf } from '../../api/request';
import { Button } from '../../components/button';
import { Empty, Skeleton } from '../../components/empty';
import { KeyValues } from '../../components/keyValues';
import { Note } from '../../components/note';
import { StateIcon, stateWord } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatDuration, formatMoment, parseTime } from '../../format';
import { BUILDING, followBuild, IBuildSeen } from '../../models/buildLog';
import type { IFunctionSection } from './tab';

/** The image of a version: what it is built of, how far the build is, and its log as it comes. */
export function Build(props: IFunctionSection & { doc: IFunction }) {
  const trans = useTrans();
  const { model, shown, doc } = props;
  const { service, ref } = model;
  const { settings } = service;
  const [tag] = shown.tags;
  const [turn, setTurn] = React.useState(0);
  const [failure, setFailure] = React.useState('');
  const seen = useBuild(props, tag, turn);
  if (tag === undefined) {
    return (
      <Empty>
        {trans.__('This version has no tag: images are built of tagged ones.')}
      </Empty>
    );
  }
  if (!seen) {
    return <Skeleton label={trans.__('The build is being read')} />;
  }
  const isGoingOn = BUILDING.includes(seen.state);
  const act = async (action: () => Promise<unknown>) => {
    setFailure('');
    try {
      await model.act(action);
    } catch (reason) {
      setFailure(reasonOf(reason));
    }
    setTurn(known => known + 1);
  };
  return (
    <>
      {failure && (
        <Note kind="error">
          {trans.__('The image is not built: %1', failure)}
        </Note>
      )}
      {seen.failure && <Note kind="error">{seen.failure}</Note>}
      <p className="jp-mlrun-stateCell">
        <StateIcon state={seen.state || 'created'} decorative />
        <span role="status">
          {seen.state ? stateWord(seen.state, trans) : trans.__('never built')}
        </span>
        {isGoingOn ? (
          <Button
            icon="stop"
            label={trans.__('Stop')}
            onClick={() => void act(() => stopBuild(settings, ref, tag))}
          />
        ) : (
          <Button
            label={seen.state ? trans.__('Build again') : trans.__('Build')}
            onClick={() =>
              void act(() =>
                startBuild(settings, {
                  ...doc,
                  metadata: { ...doc.metadata, tag }
                })
              )
            }
          />
        )}
      </p>
      <Facts {...props} seen={seen} />
      {seen.text && <Log text={seen.text} follow={isGoingOn} />}
    </>
  );
}

function Facts(props: IFunctionSection & { doc: IFunction; seen: IBuildSeen }) {
  const trans = useTrans();
  const { doc, shown, seen } = props;
  const {
    requirements = [],
    commands = [],
    base_image
  } = (doc.spec.build ?? {}) as NonNullable<IFunction['spec']['build']> & {
    base_image?: string;
  };
  const told = (shown.doc.status?.build ?? {}) as IBuild;
  const [start, end] = [parseTime(told.started), parseTime(told.ended)];
  const facts: [string, string | undefined][] = [
    [trans.__('image'), seen.image || told.image || doc.spec.image],
    [trans.__('base image'), base_image],
    [trans.__('requirements'), requirements.join(', ')],
    [trans.__('commands'), commands.join('; ')],
    [
      trans.__('builder'),
      [told.builder, told.place].filter(Boolean).join(', ')
    ],
    [trans.__('started'), start ? formatMoment(start, Date.now()) : ''],
    [
      trans.__('took'),
      start && end ? formatDuration((end - start) / 1000) : ''
    ],
    [trans.__('why'), told.reason]
  ];
  return (
    <KeyValues
      label={trans.__('Build')}
      items={facts.flatMap(([key, value]) => (value ? [{ key, value }] : []))}
    />
  );
}

function Log({ text, follow }: { text: string; follow: boolean }) {
  const trans = useTrans();
  const view = React.useRef<HTMLPreElement>(null);
  React.useLayoutEffect(() => {
    if (follow && view.current) {
      view.current.scrollTop = view.current.scrollHeight;
    }
  }, [text, follow]);
  return (
    <>
      <h2>{trans.__('Log of the build')}</h2>
      <pre
        ref={view}
        className="jp-mlrun-partLog"
        tabIndex={0}
        aria-label={trans.__('Log of the build')}
      >
        {text}
      </pre>
    </>
  );
}

function useBuild(
  { model }: IFunctionSection,
  tag: string | undefined,
  turn: number
): IBuildSeen | null {
  const [seen, setSeen] = React.useState<IBuildSeen | null>(null);
  const { service, ref } = model;
  React.useEffect(() => {
    setSeen(null);
    return tag === undefined
      ? undefined
      : followBuild(service.settings, ref, tag, setSeen);
  }, [service, ref, tag, turn]);
  return seen;
}
