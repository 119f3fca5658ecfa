import React from 'react';
import { LIVE_STATES } from '../../api/documents';
import { Chip } from '../../components/button';
import { moveInToolbar } from '../../components/nounSection';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatCount } from '../../format';
import type { RunList } from '../../models/runList';

const FAILED: readonly string[] = ['error'];

function sum(counts: Readonly<Record<string, number>>, of: readonly string[]) {
  return of.reduce((total, state) => total + (counts[state] ?? 0), 0);
}

/** All · running · error · This notebook: one tab stop, arrows move. */
export function QuickFilters(props: {
  list: RunList;
  notebook: string | null;
}) {
  const trans = useTrans();
  const { list, notebook } = props;
  const { states, notebook: chosen } = list.query;
  const live = sum(list.counts, LIVE_STATES);
  const failed = sum(list.counts, FAILED);
  const choose = (wanted: readonly string[]) =>
    list.setQuery({ states: states === wanted ? [] : wanted });
  return (
    <div
      className="jp-mlrun-quick"
      role="toolbar"
      aria-label={trans.__('Quick filters')}
      onKeyDown={moveInToolbar}
    >
      <Chip
        label={trans.__('All')}
        on={!states.length && chosen === null}
        onClick={() => list.setQuery({ states: [], notebook: null })}
      />
      <Chip
        label={trans._n('%1 running', '%1 running', live)}
        title={trans.__('Runs that are not over')}
        on={states === LIVE_STATES}
        tabIndex={-1}
        onClick={() => choose(LIVE_STATES)}
      >
        <StateIcon state="running" size={14} decorative /> {formatCount(live)}
      </Chip>
      <Chip
        label={trans._n('%1 failed', '%1 failed', failed)}
        title={trans.__('Runs that failed')}
        on={states === FAILED}
        tabIndex={-1}
        onClick={() => choose(FAILED)}
      >
        <StateIcon state="error" size={14} decorative /> {formatCount(failed)}
      </Chip>
      {(notebook !== null || chosen !== null) && (
        <Chip
          label={trans.__('This notebook')}
          title={chosen ?? notebook ?? ''}
          on={chosen !== null}
          tabIndex={-1}
          onClick={() =>
            list.setQuery({ notebook: chosen === null ? notebook : null })
          }
        />
      )}
    </div>
  );
}
