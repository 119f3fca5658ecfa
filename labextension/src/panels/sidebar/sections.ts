import type { IStateDB } from '@jupyterlab/statedb';
import type { AccordionPanel } from '@lumino/widgets';

const KEY = 'jupyter-mlrun:collapsed-sections';

/** Keep which sections are closed, and close them again when the page comes back. */
export function rememberSections(
  accordion: AccordionPanel,
  state: IStateDB
): () => Promise<void> {
  const closed = (): string[] =>
    accordion.widgets
      .filter(widget => widget.isHidden)
      .map(widget => widget.id);
  return async () => {
    const saved = await state.fetch(KEY);
    if (Array.isArray(saved)) {
      accordion.widgets.forEach((widget, index) => {
        if (saved.includes(widget.id)) {
          accordion.collapse(index);
        }
      });
    }
    accordion.expansionToggled.connect(() => {
      void state.save(KEY, closed());
    });
  };
}
