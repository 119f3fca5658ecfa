import React from 'react';
import type { Json } from '../../api/documents';
import { LinkButton } from '../../components/button';
import { ErrorReport } from '../../components/errorReport';
import { KeyValues } from '../../components/keyValues';
import { useTrans } from '../../components/translation';
import { formatDuration, formatParameter, shortId } from '../../format';
import type { IChange } from '../../models/differences';
import { CellLink } from './buttons';
import type { ICardProps } from './props';

const CHANGES = 5;

/** Why a run failed, where in the cell, and what was different when it last went well. */
export function Failed(props: ICardProps) {
  const { row, facts } = props.model;
  return (
    <>
      <ErrorReport
        error={row.error ?? row.reason}
        type={facts.errorType}
        frames={facts.frames}
        link={<CellLink {...props} />}
      />
      <div className="jp-mlrun-card-columns jp-mod-two">
        <Since {...props} />
        <AtFailure {...props} />
      </div>
    </>
  );
}

function shown(value: Json | undefined): string {
  return value === undefined ? '—' : formatParameter(value);
}

function Since(props: ICardProps) {
  const trans = useTrans();
  const { since } = props.model;
  if (!since) {
    return (
      <div>
        <h4>{trans.__('Changed since the last completed run')}</h4>
        <div className="jp-mlrun-dim">
          {trans.__('This function has not completed before.')}
        </div>
      </div>
    );
  }
  const { parameters, inputs, packages, code } = since.differences;
  const items = [...parameters, ...inputs, ...packages].slice(0, CHANGES);
  const more = parameters.length + inputs.length + packages.length - CHANGES;
  const uid = since.run.metadata.uid ?? '';
  const ref = { project: since.run.metadata.project, uid };
  return (
    <div>
      <h4>
        {trans.__('Changed since the last completed run')}{' '}
        <LinkButton
          label={shortId(uid)}
          onClick={() => props.actions.open(ref)}
        />
      </h4>
      <KeyValues
        items={[
          ...items.map(change => ({
            key: change.name,
            value: <Change {...change} />
          })),
          ...(code
            ? [
                {
                  key: trans.__('code'),
                  value: (
                    <>
                      {trans.__('+%1 −%2 lines', code.added, code.removed)}{' '}
                      <LinkButton
                        label={trans.__('Show diff')}
                        onClick={() =>
                          props.actions.open(props.model.run.ref, {
                            section: 'code'
                          })
                        }
                      />
                    </>
                  )
                }
              ]
            : [])
        ]}
      />
      {items.length === 0 && !code && (
        <div className="jp-mlrun-dim">{trans.__('nothing')}</div>
      )}
      {more > 0 && (
        <div className="jp-mlrun-dim">{trans.__('+%1 more', more)}</div>
      )}
    </div>
  );
}

/** A value that was and one that is. */
export function Change(props: IChange) {
  return (
    <>
      {shown(props.from)} → <b>{shown(props.to)}</b>
    </>
  );
}

function AtFailure(props: ICardProps) {
  const trans = useTrans();
  const { row, facts, run } = props.model;
  const limit = run.doc?.spec.limits?.memory;
  const items = [
    ...Object.entries(row.parameters)
      .slice(0, CHANGES)
      .map(([key, value]) => ({ key, value: formatParameter(value) })),
    ...Object.entries(facts.inputs).map(([key, value]) => ({ key, value }))
  ];
  if (facts.exitCode !== null) {
    const time = row.duration === null ? '' : formatDuration(row.duration);
    items.push({
      key: trans.__('exit'),
      value: time
        ? trans.__('%1, after %2', facts.exitCode, time)
        : String(facts.exitCode)
    });
  }
  if (row.reason && row.reason !== row.error) {
    items.push({ key: trans.__('reason'), value: row.reason });
  }
  if (limit) {
    items.push({
      key: trans.__('memory limit'),
      value: trans.__('%1 MB', Math.round(limit / 1e6))
    });
  }
  return (
    <div>
      <h4>{trans.__('At the time of failure')}</h4>
      <KeyValues items={items} />
    </div>
  );
}
