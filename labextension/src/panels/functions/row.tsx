import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { useNow } from '../../components/clock';
import { Icon } from '../../components/icon';
import { NounCells } from '../../components/nounCells';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatFull, formatAgo, parseTime } from '../../format';
import type { IFunctionLine } from '../../models/function';

/** What stands behind a function's name: why it cannot run, else what it does. */
function qualifierOf(
  { row, state }: IFunctionLine,
  trans: TranslationBundle
): string {
  if (state === 'unbuilt') {
    return trans.__('its image is not built');
  }
  return row.description.split('\n')[0] || (row.handler ?? '');
}

/** A function in the list: state, name and what it does, kind, when it was saved. */
export function FunctionCells(props: {
  line: IFunctionLine;
  showProject: boolean;
  onRun: () => void;
  onSchedule: () => void;
  onMenu: (event: React.SyntheticEvent) => void;
}) {
  const trans = useTrans();
  const now = useNow();
  const { line } = props;
  const { name, state, project, row } = line;
  const updated = parseTime(row.updated);
  return (
    <NounCells
      icon={
        state === 'stored' ? (
          <Icon name="function" />
        ) : (
          <StateIcon state={state === 'unbuilt' ? 'unhealthy' : state} />
        )
      }
      name={name}
      why={qualifierOf(line, trans)}
      project={props.showProject ? project : undefined}
      value={{ text: row.kind }}
      time={{
        text: updated === null ? '' : formatAgo(updated, now),
        title: updated === null ? undefined : formatFull(updated)
      }}
      actions={[
        { icon: 'play', label: trans.__('Run…'), onClick: props.onRun },
        {
          icon: 'clock',
          label: trans.__('Schedule…'),
          onClick: props.onSchedule
        }
      ]}
      onMenu={props.onMenu}
    />
  );
}

/** A function in a sentence. */
export function describeFunction(
  line: IFunctionLine,
  trans: TranslationBundle
): string {
  return [line.name, line.kind, qualifierOf(line, trans)]
    .filter(Boolean)
    .join(', ');
}
