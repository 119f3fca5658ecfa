import React from 'react';
import { sourceOf } from '../../api/functions';
import { Code } from '../../components/code';
import { Diff } from '../../components/diff';
import { Empty } from '../../components/empty';
import { useTrans } from '../../components/translation';
import { shortId } from '../../format';
import type { IRunTabProps } from './props';

type View = 'ran' | 'module' | 'previous' | 'latest' | 'now';

/** What ran: the cell, the module made of it, and what has changed before and since. */
export function CodeSection(props: IRunTabProps) {
  const trans = useTrans();
  const { model } = props;
  const source = model.doc?.spec.origin?.cell_source ?? null;
  const module = model.code ? sourceOf(model.code) : null;
  const before = model.previous?.spec.origin?.cell_source ?? null;
  const latest = model.latest ? sourceOf(model.latest) : null;
  const [view, setView] = React.useState<View>('ran');
  const [now, setNow] = React.useState<string | null>(null);
  const { readCell } = props;
  React.useEffect(() => {
    void model.readLatest();
  }, [model, module]);
  React.useEffect(() => {
    let current = true;
    void readCell().then(text => current && setNow(text));
    return () => {
      current = false;
    };
  }, [readCell, view, source]);
  const ran = source ?? module;
  if (ran === null) {
    return <Empty>{trans.__('The code of this run is not stored.')}</Empty>;
  }
  const views: [View, string, boolean][] = [
    [
      'ran',
      source === null ? trans.__('What ran') : trans.__('The cell that ran'),
      true
    ],
    [
      'module',
      trans.__('The module shipped'),
      source !== null && module !== null
    ],
    ['previous', trans.__('Diff to the previous run'), before !== null],
    [
      'latest',
      trans.__('Diff to the latest version'),
      module !== null && latest !== null
    ],
    ['now', trans.__('Diff to the cell now'), source !== null && now !== null]
  ];
  return (
    <div className="jp-mlrun-codeSection">
      <div
        className="jp-mlrun-segments"
        role="group"
        aria-label={trans.__('What to show')}
      >
        {views.map(([id, label, there]) => (
          <button
            key={id}
            type="button"
            aria-pressed={view === id}
            disabled={!there}
            title={
              there ? undefined : trans.__('There is nothing to compare with')
            }
            onClick={() => setView(id)}
          >
            {label}
          </button>
        ))}
        {source !== null && now !== null && now !== source && (
          <span className="jp-mlrun-dim">
            {trans.__('The cell has changed since this run.')}
          </span>
        )}
      </div>
      {view === 'ran' && (
        <Code
          text={ran}
          label={trans.__('Code that ran')}
          hit={source === null ? undefined : failingLine(props)}
        />
      )}
      {view === 'module' && module !== null && (
        <Code text={module} label={trans.__('Module')} />
      )}
      {view === 'previous' && before !== null && (
        <>
          <p className="jp-mlrun-dim">
            {trans.__(
              'From run %1 to this one',
              shortId(model.previous?.metadata.uid ?? '')
            )}
          </p>
          <Diff
            from={before}
            to={ran}
            label={trans.__('Changes since the previous run')}
          />
        </>
      )}
      {view === 'latest' && module !== null && latest !== null && (
        <>
          <p className="jp-mlrun-dim">
            {model.latest?.metadata.hash === model.code?.metadata.hash
              ? trans.__('This run ran the latest version of the function.')
              : trans.__(
                  'From version %1, which ran, to %2, the latest',
                  shortId(model.code?.metadata.hash ?? ''),
                  shortId(model.latest?.metadata.hash ?? '')
                )}
          </p>
          <Diff
            from={module}
            to={latest}
            label={trans.__('Changes of the function since this run')}
          />
        </>
      )}
      {view === 'now' && now !== null && (
        <Diff
          from={ran}
          to={now}
          label={trans.__('Changes of the cell since this run')}
        />
      )}
    </div>
  );
}

function failingLine(props: IRunTabProps): number | undefined {
  const frames = props.model.doc?.status.error_frames ?? [];
  return frames.filter(frame => frame.cell).pop()?.cell_line ?? undefined;
}
