import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';
import { StateIcon } from '../../components/stateIcon';
import { TranslationProvider } from '../../components/translation';
import { formatCount } from '../../format';
import type { RunList } from '../../models/runList';

/** The number in a section's title, and what needs attention: a closed section still speaks. */
export class SectionTotal extends ReactWidget {
  constructor(
    private _list: RunList,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-mlrun-section-total');
  }

  protected render() {
    const list = this._list;
    const trans = this._trans;
    return (
      <TranslationProvider value={trans}>
        <UseSignal signal={list.changed}>
          {() => (
            <>
              <span>{totalText(list, trans)}</span>
              {(list.counts.error ?? 0) > 0 && (
                <span
                  className="jp-mlrun-section-attention"
                  title={trans.__('Runs that failed')}
                >
                  <StateIcon state="error" size={12} />
                  {formatCount(list.counts.error)}
                </span>
              )}
            </>
          )}
        </UseSignal>
      </TranslationProvider>
    );
  }
}

function totalText(list: RunList, trans: TranslationBundle): string {
  if (!list.ready) {
    return '';
  }
  return list.total === list.all
    ? formatCount(list.total)
    : trans.__('%1 of %2', formatCount(list.total), formatCount(list.all));
}
