import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { formatCount, formatDay } from '../format';
import type { GroupBy, IRunGroup } from '../models/runGroups';
import { stateWord } from './stateIcon';

function nameOf(
  name: string,
  by: GroupBy,
  now: number,
  trans: TranslationBundle
): string {
  switch (by) {
    case 'day': {
      const [year, month, day] = name.split('-').map(Number);
      return formatDay(new Date(year, month - 1, day).getTime(), now, trans);
    }
    case 'state':
      return stateWord(name, trans);
    case 'function':
      return name || trans.__('Without a function');
    case 'notebook':
      return name || trans.__('Without a notebook');
    case 'schedule':
      return name || trans.__('Not scheduled');
    default:
      return name;
  }
}

/** The word for a grouping, as menus show it. */
export function groupingWord(by: GroupBy, trans: TranslationBundle): string {
  switch (by) {
    case 'day':
      return trans.__('Day');
    case 'function':
      return trans.__('Function');
    case 'notebook':
      return trans.__('Notebook');
    case 'schedule':
      return trans.__('Schedule');
    case 'state':
      return trans.__('State');
    default:
      return trans.__('None');
  }
}

/** The heading of a group: its name and how many runs it holds. */
export function groupTitle(
  group: IRunGroup,
  by: GroupBy,
  now: number,
  trans: TranslationBundle
): React.ReactNode {
  return (
    <>
      <bdi className="jp-mlrun-ellipsis">
        {nameOf(group.name, by, now, trans)}
      </bdi>
      <span className="jp-mlrun-group-count">{formatCount(group.count)}</span>
    </>
  );
}
