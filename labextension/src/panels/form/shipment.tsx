import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';
import { Code } from '../../components/code';
import { DataTable } from '../../components/dataTable';
import { Note } from '../../components/note';
import { TranslationProvider, useTrans } from '../../components/translation';
import { formatSize } from '../../format';
import { weightOf } from '../../models/shipment';
import type { IDryRun } from './dryRun';

/** Show what would ship; nothing is stored or run. */
export async function showShipment(
  dry: IDryRun,
  trans: TranslationBundle
): Promise<void> {
  const body = ReactWidget.create(
    <TranslationProvider value={trans}>
      <Shipment {...dry} />
    </TranslationProvider>
  );
  body.addClass('jp-mlrun-shipment');
  await new Dialog({
    title: trans.__('What will ship'),
    body,
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  }).launch();
}

function Shipment(dry: IDryRun) {
  const trans = useTrans();
  return (
    <>
      <p>
        {dry.folder
          ? trans.__(
              '%1 would run as kind %2 in %3; %4 ship.',
              dry.name,
              dry.kind,
              dry.folder,
              weightOf(dry.shipped)
            )
          : trans.__(
              '%1 would run as kind %2; %3 ship.',
              dry.name,
              dry.kind,
              weightOf(dry.shipped)
            )}
      </p>
      {dry.warnings.map(warning => (
        <Note key={warning} kind="warning">
          {warning}
        </Note>
      ))}
      <div
        className="jp-mlrun-scrolls"
        tabIndex={0}
        role="group"
        aria-label={trans.__('What ships')}
      >
        <DataTable
          columns={[
            trans.__('Name'),
            trans.__('Kind'),
            { label: trans.__('Size'), number: true },
            trans.__('Detail')
          ]}
        >
          {dry.shipped.map(({ name, kind, size, detail }, index) => (
            <tr key={index}>
              <td>
                <bdi>{name}</bdi>
              </td>
              <td>{kind}</td>
              <td className="jp-mlrun-num">
                {size === null ? '' : formatSize(size)}
              </td>
              <td title={detail}>
                <bdi>{detail}</bdi>
              </td>
            </tr>
          ))}
        </DataTable>
      </div>
      {dry.module && (
        <details>
          <summary>{trans.__('The module')}</summary>
          <Code text={dry.module} label={trans.__('The module')} />
        </details>
      )}
    </>
  );
}
