import React from 'react';
import type { IEntryParameter, IFunction } from '../../api/documents';
import { sourceOf } from '../../api/functions';
import { CommandIDs } from '../../commands';
import { LinkButton } from '../../components/button';
import { DataTable } from '../../components/dataTable';
import { Diff } from '../../components/diff';
import { Skeleton } from '../../components/empty';
import { useTrans } from '../../components/translation';
import {
  formatCount,
  formatFull,
  formatMoment,
  formatParameter,
  parseTime,
  shortId
} from '../../format';
import type { IFunctionVersion } from '../../models/function';
import type { IFunctionSection } from './tab';

/** The versions of a function, the diff of two that are chosen, and the handler's signature. */
export function Versions(props: IFunctionSection) {
  const trans = useTrans();
  const { versions, model } = props;
  return (
    <>
      <DataTable
        label={trans.__('Versions of the function')}
        columns={[
          { label: trans.__('Chosen'), hidden: true },
          trans.__('Version'),
          trans.__('Tags'),
          trans.__('Saved'),
          trans.__('From'),
          { label: trans.__('Runs'), number: true },
          { label: trans.__('Change'), number: true }
        ]}
      >
        {versions.map((version, index) => (
          <Version
            key={version.hash}
            {...props}
            version={version}
            before={versions[index + 1]}
          />
        ))}
      </DataTable>
      {model.chosen.length === 2 ? (
        <Difference {...props} />
      ) : (
        versions.length > 1 && (
          <p className="jp-mlrun-quiet">
            {trans.__('Choose two versions to see what changed between them.')}
          </p>
        )
      )}
      <Handler doc={model.whole(props.shown.hash)} />
    </>
  );
}

function Version(
  props: IFunctionSection & {
    version: IFunctionVersion;
    before: IFunctionVersion | undefined;
  }
) {
  const trans = useTrans();
  const { model, version, before, commands } = props;
  const { hash, tags, doc } = version;
  const chosen = model.chosen.includes(hash);
  const saved = parseTime(doc.metadata.updated);
  const usage = model.usage(hash);
  const change = before && model.changes(before.hash, hash);
  const notebook = usage?.last?.notebook?.split('/').pop();
  const file = model.whole(hash)?.spec.build?.origin_filename;
  return (
    <tr className={chosen ? 'jp-mod-selected' : ''}>
      <td>
        <input
          type="checkbox"
          checked={chosen}
          aria-label={trans.__('Choose version %1', shortId(hash))}
          onChange={event => model.choose(hash, event.target.checked)}
        />
      </td>
      <td className="jp-mlrun-mono" title={hash}>
        {shortId(hash)}
      </td>
      <td>
        {tags.map(tag => (
          <span key={tag} className="jp-mlrun-tag">
            {tag}
          </span>
        ))}
      </td>
      <td title={saved === null ? undefined : formatFull(saved)}>
        {saved === null ? '' : formatMoment(saved, Date.now())}
      </td>
      <td>
        {usage?.last && notebook ? (
          <LinkButton
            label={notebook}
            title={trans.__('Go to the cell of its last run')}
            onClick={() =>
              void commands.execute(CommandIDs.goToCell, {
                project: usage.last?.project,
                uid: usage.last?.uid
              })
            }
          />
        ) : (
          <span className="jp-mlrun-dim" title={file ?? undefined}>
            <bdi>{file}</bdi>
          </span>
        )}
      </td>
      <td className="jp-mlrun-num">{usage ? formatCount(usage.runs) : ''}</td>
      <td className="jp-mlrun-num">
        {change ? `+${change.added} −${change.removed}` : ''}
      </td>
    </tr>
  );
}

/** What changed between the two versions that are chosen, from the older to the newer. */
function Difference({ model, versions }: IFunctionSection) {
  const trans = useTrans();
  const [newer, older] = versions
    .map(({ hash }) => hash)
    .filter(hash => model.chosen.includes(hash));
  const [from, to] = [model.whole(older), model.whole(newer)];
  React.useEffect(() => {
    if (!from || !to) {
      void model.readAround(
        versions.filter(({ hash }) => model.chosen.includes(hash))
      );
    }
  }, [model, older, newer]);
  return (
    <>
      <h2>
        {trans.__('2 selected:')}{' '}
        <span className="jp-mlrun-mono">
          <bdi dir="ltr">
            {shortId(older)} → {shortId(newer)}
          </bdi>
        </span>
      </h2>
      {from && to ? (
        <Diff
          from={sourceOf(from)}
          to={sourceOf(to)}
          label={trans.__(
            'Changes from %1 to %2',
            shortId(older),
            shortId(newer)
          )}
        />
      ) : (
        <Skeleton label={trans.__('The code is being read')} />
      )}
    </>
  );
}

/** The signature of what is called. */
function Handler({ doc }: { doc: IFunction | undefined }) {
  const trans = useTrans();
  const entries = doc?.spec.entry_points ?? {};
  const entry =
    entries[doc?.spec.default_handler ?? ''] ?? Object.values(entries)[0];
  const parameters = (entry?.parameters ?? []).filter(
    ({ name }) => name !== 'context'
  );
  if (!entry) {
    return null;
  }
  return (
    <>
      <h2>{trans.__('Handler %1', entry.name)}</h2>
      {entry.doc && <p className="jp-mlrun-form-doc">{entry.doc}</p>}
      {parameters.length === 0 ? (
        <p className="jp-mlrun-quiet">{trans.__('It takes none.')}</p>
      ) : (
        <DataTable
          label={trans.__('Arguments of the handler')}
          columns={[
            trans.__('Argument'),
            trans.__('Type'),
            trans.__('Default'),
            trans.__('Description')
          ]}
        >
          {parameters.map(parameter => (
            <tr key={parameter.name}>
              <td className="jp-mlrun-mono" title={parameter.name}>
                <bdi>{parameter.name}</bdi>
              </td>
              <td
                className="jp-mlrun-mono jp-mlrun-dim"
                title={parameter.type ?? undefined}
              >
                <bdi dir="ltr">{parameter.type ?? ''}</bdi>
              </td>
              <Default parameter={parameter} />
              <td title={parameter.doc ?? undefined}>
                <bdi>{parameter.doc ?? ''}</bdi>
              </td>
            </tr>
          ))}
        </DataTable>
      )}
    </>
  );
}

function Default({ parameter }: { parameter: IEntryParameter }) {
  const trans = useTrans();
  if (!('default' in parameter)) {
    return <td className="jp-mlrun-dim">{trans.__('required')}</td>;
  }
  const text = formatParameter(parameter.default);
  return (
    <td className="jp-mlrun-mono" title={text}>
      <bdi>{text}</bdi>
    </td>
  );
}
