import React from 'react';
import { isLive } from '../../api/documents';
import { CommandIDs } from '../../commands';
import { Button } from '../../components/button';
import { Letter } from '../../components/letter';
import { selectionArgs } from '../../components/runMenu';
import { useTrans } from '../../components/translation';
import { formatCount } from '../../format';
import type { ITableOptions } from './options';

const MOST_LETTERS = 6;
const MOST_COMPARED = 200;

/** What can be done with the selected runs of the table. */
export function SelectionRow({ options }: { options: ITableOptions }) {
  const trans = useTrans();
  const { selection, commands } = options;
  const { matching, rows, size } = selection;
  if (size === 0) {
    return null;
  }
  const execute = (id: string) =>
    void commands.execute(id, selectionArgs(selection));
  const compares = !matching && size >= 2 && size <= MOST_COMPARED;
  return (
    <div
      className="jp-mlrun-selectionBar"
      role="toolbar"
      aria-label={trans.__('Selected runs')}
    >
      <b>
        {matching
          ? trans.__('All %1 selected', formatCount(size))
          : trans._n('%1 selected', '%1 selected', size)}
      </b>
      {rows.slice(0, MOST_LETTERS).map((run, index) => (
        <Letter key={run.uid} index={index} />
      ))}
      <Button
        primary
        label={trans.__('Compare')}
        disabled={!compares}
        title={
          compares
            ? undefined
            : size < 2
              ? trans.__('Select two or more runs to compare them')
              : trans.__(
                  'Select at most %1 runs to compare them',
                  MOST_COMPARED
                )
        }
        onClick={() => execute(CommandIDs.compare)}
      />
      {!matching &&
        size === 1 &&
        commands.hasCommand(CommandIDs.editAndRerun) && (
          <Button
            label={trans.__('Rerun…')}
            onClick={() => {
              const [{ project, uid }] = rows;
              void commands.execute(CommandIDs.editAndRerun, { project, uid });
            }}
          />
        )}
      {!matching && (
        <Button
          label={trans.__('Labels…')}
          onClick={() => execute(CommandIDs.editLabels)}
        />
      )}
      <Button
        label={trans.__('Stop')}
        onClick={() => execute(CommandIDs.stopRun)}
        disabled={!matching && !rows.some(row => isLive(row.state))}
      />
      <Button
        label={trans.__('Delete…')}
        onClick={() => execute(CommandIDs.deleteRun)}
      />
      <span className="jp-mlrun-grow" />
      <button
        type="button"
        className="jp-mlrun-button"
        onClick={() => selection.clear()}
      >
        {trans.__('Clear')} <kbd aria-hidden="true">Esc</kbd>
      </button>
    </div>
  );
}
