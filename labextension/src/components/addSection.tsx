import type { TranslationBundle } from '@jupyterlab/translation';
import {
  PanelWithToolbar,
  ReactWidget,
  UseSignal
} from '@jupyterlab/ui-components';
import React from 'react';
import { formatCount } from '../format';
import type { INounRow, NounList } from '../models/nounList';
import type { IMLRunPanel } from '../tokens';
import type { NounSection } from './nounSection';
import { StateIcon } from './stateIcon';
import { TranslationProvider } from './translation';

const TYPING_DELAY = 200;

/** What of a noun needs attention, said in the title of its section. */
export interface IAttention {
  state: string;
  count: number;
  title: string;
}

/** Put the section of a noun into the panel, with its number in the title. */
export function addSection<T extends INounRow>(options: {
  panel: IMLRunPanel;
  id: string;
  title: string;
  rank: number;
  list: NounList<T>;
  body: NounSection<T>;
  trans: TranslationBundle;
  attention: (rows: readonly T[]) => IAttention | null;
}): void {
  const { panel, list, body, trans } = options;
  const section = new PanelWithToolbar();
  section.id = options.id;
  section.title.label = options.title;
  section.addClass('jp-mlrun-section');
  section.addWidget(body);
  section.toolbar.addItem('total', new Total(list, trans, options.attention));
  let typing: ReturnType<typeof setTimeout> | undefined;
  panel.filterChanged.connect((_, q) => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      list.filter = q.trim();
    }, TYPING_DELAY);
  });
  panel.addSection({
    widget: section,
    rank: options.rank,
    focus: () => body.grid.current?.focus()
  });
}

class Total<T extends INounRow> extends ReactWidget {
  constructor(
    private _list: NounList<T>,
    private _trans: TranslationBundle,
    private _attention: (rows: readonly T[]) => IAttention | null
  ) {
    super();
    this.addClass('jp-mlrun-section-total');
  }

  protected render() {
    return (
      <TranslationProvider value={this._trans}>
        <UseSignal signal={this._list.changed}>{() => this._words()}</UseSignal>
      </TranslationProvider>
    );
  }

  private _words() {
    const { all, rows, ready, total, isWhole } = this._list;
    const isFiltered = this._list.filter !== '' || this._list.state !== null;
    const found = formatCount(rows.length);
    const attention = this._attention(all);
    return (
      <>
        <span>
          {!ready
            ? ''
            : !isFiltered || rows.length === total
              ? formatCount(total)
              : this._trans.__(
                  '%1 of %2',
                  isWhole ? found : `${found}+`,
                  formatCount(total)
                )}
        </span>
        {attention && attention.count > 0 && (
          <span className="jp-mlrun-section-attention" title={attention.title}>
            <StateIcon state={attention.state} size={12} />
            {formatCount(attention.count)}
          </span>
        )}
      </>
    );
  }
}
