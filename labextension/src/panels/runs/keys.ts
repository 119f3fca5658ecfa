import { CommandIDs } from '../../commands';
import type { ISectionOptions } from './options';

/** Escape: first the selection, then the filter, then back to the document. */
export function leave(props: ISectionOptions): boolean {
  const { selection, panel, commands } = props;
  if (selection.size) {
    selection.clear();
  } else if (panel.filter) {
    panel.filter = '';
  } else {
    void commands.execute(CommandIDs.openPanel);
  }
  return true;
}
