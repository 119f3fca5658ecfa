import type { CommandRegistry } from '@lumino/commands';
import React from 'react';
import { isTerminal } from '../../api/documents';
import { CommandIDs } from '../../commands';
import { Button, IconButton } from '../../components/button';
import { openMenu } from '../../components/menu';
import { useTrans } from '../../components/translation';
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
  const runs = selection.rows.map(({ project, uid }) => ({ project, uid }));
  const args = { runs };
  return (
    <div className="jp-mlrun-selectionBar" role="toolbar">
      <b>{trans._n('%1 selected', '%1 selected', selection.size)}</b>
      <Button
        primary
        label={trans.__('Compare')}
        onClick={() => void commands.execute(CommandIDs.compare, args)}
      />
      <IconButton
        icon="more"
        label={trans.__('More')}
        hasPopup
        onClick={event =>
          openMenu(
            commands,
            [
              ...(selection.rows.every(row => isTerminal(row.state))
                ? [{ command: CommandIDs.deleteRun, args }]
                : [{ command: CommandIDs.stopRun, args }])
            ],
            event
          )
        }
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
