import { CodeCell } from '@jupyterlab/cells';
import type { Widget } from '@lumino/widgets';

/** The code cell that a widget (an output of it) stands in, or null. */
export function cellOf(widget: Widget): CodeCell | null {
  for (let place: Widget | null = widget; place; place = place.parent) {
    if (place instanceof CodeCell) {
      return place;
    }
  }
  return null;
}
