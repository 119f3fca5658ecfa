import React from 'react';
import type { IRun } from '../../api/documents';
import { Chip } from '../../components/button';
import { IKeyValue, KeyValues } from '../../components/keyValues';
import { useTrans } from '../../components/translation';
import { formatSize } from '../../format';
import type { RunTabModel } from './model';

/** Where the run ran: interpreter, machine, limits, variables, packages. */
export function Environment(props: { model: RunTabModel }) {
  const trans = useTrans();
  const { doc } = props.model;
  return doc ? (
    <div className="jp-mlrun-environment">
      <div className="jp-mlrun-two">
        <div>
          <h2>{trans.__('Place')}</h2>
          <KeyValues items={usePlace(doc)} label={trans.__('Place')} />
        </div>
        <div>
          <h2>{trans.__('Variables')}</h2>
          <Variables doc={doc} />
        </div>
      </div>
      <Packages {...props} doc={doc} />
    </div>
  ) : null;
}

function usePlace(doc: IRun): IKeyValue[] {
  const trans = useTrans();
  const { spec, status, metadata } = doc;
  const origin = spec.origin ?? {};
  const limits = spec.limits ?? {};
  const facts: [string, string | null | undefined][] = [
    [trans.__('Python'), origin.python],
    [trans.__('interpreter'), origin.executable],
    [trans.__('platform'), origin.platform],
    [trans.__('host'), status.host],
    [trans.__('kind'), metadata.labels?.kind],
    [trans.__('folder'), origin.workdir],
    [trans.__('user'), origin.user],
    [
      trans.__('timeout'),
      limits.timeout ? trans.__('%1 s', limits.timeout) : null
    ],
    [trans.__('cores'), limits.cpu ? String(limits.cpu) : null],
    [
      trans.__('memory limit'),
      limits.memory ? formatSize(limits.memory) : null
    ],
    [trans.__('exit code'), textOf(status.exit_code)]
  ];
  return facts
    .filter((fact): fact is [string, string] => Boolean(fact[1]))
    .map(([key, value]) => ({ key, value, title: value }));
}

function textOf(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function Variables(props: { doc: IRun }) {
  const trans = useTrans();
  const { env = {}, secrets = [] } = props.doc.spec;
  const items: IKeyValue[] = [
    ...Object.entries(env).map(([key, value]) => ({
      key,
      value,
      title: value
    })),
    ...secrets.map(key => ({
      key,
      value: (
        <span className="jp-mlrun-dim">{trans.__('secret, not stored')}</span>
      )
    }))
  ];
  return items.length ? (
    <KeyValues items={items} label={trans.__('Variables')} />
  ) : (
    <div className="jp-mlrun-dim">{trans.__('none of its own')}</div>
  );
}

function Packages(props: { model: RunTabModel; doc: IRun }) {
  const trans = useTrans();
  const { model, doc } = props;
  const [only, setOnly] = React.useState(false);
  const changes = model.differences?.packages ?? [];
  const before = model.previous?.spec.origin?.packages;
  const packages = doc.spec.origin?.packages ?? {};
  const changed = new Set(changes.map(change => change.name));
  const names = [...new Set([...Object.keys(packages), ...changed])].sort();
  const shown = only ? names.filter(name => changed.has(name)) : names;
  if (names.length === 0) {
    return null;
  }
  return (
    <>
      <h2>
        {trans.__('Packages')} <i>{names.length}</i>{' '}
        {before && (
          <Chip
            label={trans.__(
              'Only what differs from the previous run: %1',
              changes.length
            )}
            on={only}
            onClick={() => setOnly(!only)}
          />
        )}
      </h2>
      <table className="jp-mlrun-data jp-mlrun-packages">
        <thead>
          <tr>
            <th scope="col">{trans.__('Package')}</th>
            <th scope="col">{trans.__('Version')}</th>
            {before && <th scope="col">{trans.__('Previous run')}</th>}
          </tr>
        </thead>
        <tbody>
          {shown.map(name => (
            <tr
              key={name}
              className={changed.has(name) ? 'jp-mod-changed' : ''}
            >
              <td>{name}</td>
              <td>{packages[name] ?? '—'}</td>
              {before && (
                <td>{changed.has(name) ? (before[name] ?? '—') : ''}</td>
              )}
            </tr>
          ))}
          {shown.length === 0 && (
            <tr>
              <td colSpan={3} className="jp-mlrun-dim">
                {trans.__('No difference.')}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </>
  );
}
