import type { IStateDB } from '@jupyterlab/statedb';
import type { AccordionPanel, Widget } from '@lumino/widgets';

const KEY = 'jupyter-mlrun:sections';

interface ISaved {
  /** Ids of the sections that are open. */
  open?: string[];
  /** Their shares of the height, by id. */
  sizes?: Record<string, number>;
}

/** Keep which sections are open and how high: at first, the first one alone. */
export function rememberSections(
  accordion: AccordionPanel,
  state: IStateDB | null
): () => Promise<void> {
  const save = () => {
    const { widgets } = accordion;
    const shares = accordion.relativeSizes();
    const open = widgets.filter(widget => !widget.isHidden);
    const saved: ISaved = {
      open: open.map(({ id }) => id),
      sizes: Object.fromEntries(
        open.map(widget => [widget.id, shares[widgets.indexOf(widget)]])
      )
    };
    void state?.save(KEY, { ...saved });
  };
  return async () => {
    const saved = ((await state?.fetch(KEY)) ?? {}) as ISaved;
    const { widgets } = accordion;
    const isOpen = (widget: Widget, index: number) =>
      saved.open ? saved.open.includes(widget.id) : index === 0;
    widgets.forEach((widget, index) => {
      if (isOpen(widget, index)) {
        accordion.expand(index);
      } else {
        accordion.collapse(index);
      }
    });
    const { sizes } = saved;
    if (sizes) {
      accordion.setRelativeSizes(widgets.map(({ id }) => sizes[id] ?? 0));
    }
    accordion.expansionToggled.connect(save);
    accordion.handleMoved.connect(save);
  };
}
