import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { IRunRow } from '../../api/documents';
import { Button, IconButton, LinkButton } from '../../components/button';
import { useTrans } from '../../components/translation';
import { formatDuration, parseTime } from '../../format';
import type { ICardProps } from './props';

const ASK_AFTER = 600;

/** The link to the line of the cell that failed. */
export function CellLink(props: ICardProps) {
  const trans = useTrans();
  const { facts, run } = props.model;
  const frame = facts.frames.filter(item => item.cell).pop();
  const line = frame?.cell_line ?? null;
  if (line === null) {
    return null;
  }
  const label =
    facts.executionCount === null
      ? trans.__('Cell, line %1', line)
      : trans.__('Cell [%1], line %2', facts.executionCount, line);
  return (
    <LinkButton
      label={label}
      disabled={!props.actions.canGoToCell}
      onClick={() => props.actions.goToLine(run.ref, line)}
    />
  );
}

/** Ends the run; asks first when much would be lost. */
export function StopButton(props: ICardProps) {
  const trans = useTrans();
  const { row, run } = props.model;
  const stop = async () => {
    const start = parseTime(row.start_time);
    const seconds = start === null ? 0 : (Date.now() - start) / 1000;
    if (seconds < ASK_AFTER || (await confirmStop(row, seconds, trans))) {
      await run.stop();
    }
  };
  return (
    <Button
      label={trans.__('Stop')}
      icon="stop"
      disabled={row.state === 'aborting'}
      onClick={() => void stop()}
    />
  );
}

async function confirmStop(
  row: IRunRow,
  seconds: number,
  trans: TranslationBundle
): Promise<boolean> {
  const answer = await showDialog({
    title: trans.__('Stop %1?', row.name),
    body: trans.__(
      'It has been running for %1. What it has logged stays; the rest is lost.',
      formatDuration(seconds)
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Stop') })
    ],
    defaultButton: 0
  });
  return answer.button.accept;
}

/** Run again, as it was or with other values. */
export function RerunButtons(props: ICardProps) {
  const trans = useTrans();
  return (
    <>
      <Button
        label={trans.__('Rerun')}
        icon="rerun"
        onClick={() => void props.model.rerun()}
      />
      <Button
        label={trans.__('Rerun with edits…')}
        onClick={() => props.actions.edit(props.model.run.ref)}
      />
    </>
  );
}

/** Run again, in the room of two icons. */
export function RerunIcons(props: ICardProps) {
  const trans = useTrans();
  return (
    <>
      <IconButton
        label={trans.__('Rerun')}
        icon="rerun"
        onClick={() => void props.model.rerun()}
      />
      <IconButton
        label={trans.__('Rerun with edits…')}
        icon="gear"
        onClick={() => props.actions.edit(props.model.run.ref)}
      />
    </>
  );
}
