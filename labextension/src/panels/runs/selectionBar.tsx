import type { CommandRegistry } from '@lumino/commands';
import React from 'react';
import { isTerminal } from '../../api/documents';
import { CommandIDs } from '../../commands';
import { Button, IconButton } from '../../components/button';
import { openMenu } from '../../components/menu';
import { selectionArgs } from '../../components/runMenu';
import { useTrans } from '../../components/translation';
import { formatCount } from '../../format';
import type { Selection } from '../../models/selection';

/** What can be done with two or more selected runs. */
export function SelectionBar(props: {
  selection: Selection;
  commands: CommandRegistry;
}) {
  const trans = useTrans();
  const { selection, commands } = props;
  if (selection.size < 2) {
    return null;
  }
  const { matching } = selection;
  const args = selectionArgs(selection);
  const ended = selection.rows.every(row => isTerminal(row.state));
  const entries = [
    ...(matching || !ended ? [{ command: CommandIDs.stopRun, args }] : []),
    ...(matching ? [] : [{ command: CommandIDs.editLabels, args }]),
    ...(matching || ended ? [{ command: CommandIDs.deleteRun, args }] : [])
  ];
  return (
    <div
      className="jp-mlrun-selectionBar"
      role="toolbar"
      aria-label={trans.__('Selected runs')}
    >
      <b>
        {matching
          ? trans.__('All %1 selected', formatCount(selection.size))
          : trans._n('%1 selected', '%1 selected', selection.size)}
      </b>
      {!matching && (
        <Button
          primary
          label={trans.__('Compare')}
          onClick={() => void commands.execute(CommandIDs.compare, args)}
        />
      )}
      <IconButton
        icon="more"
        label={trans.__('More')}
        hasPopup
        onClick={event => openMenu(commands, entries, event)}
      />
      <span className="jp-mlrun-grow" />
      <IconButton
        icon="close"
        label={trans.__('Clear the selection')}
        onClick={() => selection.clear()}
      />
    </div>
  );
}
