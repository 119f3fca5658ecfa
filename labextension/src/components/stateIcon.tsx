import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { STATE_SHAPES, StateShape } from './icons';
import { useTrans } from './translation';

const SHAPES: Readonly<Record<string, StateShape>> = {
  created: 'created',
  initialized: 'created',
  pending: 'pending',
  running: 'running',
  building: 'running',
  deploying: 'running',
  completed: 'completed',
  ready: 'completed',
  succeeded: 'completed',
  error: 'error',
  aborting: 'aborting',
  terminating: 'aborting',
  aborted: 'aborted',
  pendingRetry: 'pendingRetry',
  scheduled: 'scheduled',
  skipped: 'skipped',
  stopped: 'aborted',
  unknown: 'unknown',
  unhealthy: 'warning'
};

/** The shape that stands for a state; states we do not know get the question mark. */
export function shapeOf(state: string): StateShape {
  return SHAPES[state] ?? 'unknown';
}

/** The word of a state in the user's language; a state we do not know keeps its own word. */
export function stateWord(state: string, trans: TranslationBundle): string {
  switch (state) {
    case 'created':
      return trans.__('created');
    case 'ready':
      return trans.__('ready');
    case 'building':
      return trans.__('building');
    case 'deploying':
      return trans.__('deploying');
    case 'unhealthy':
      return trans.__('needs attention');
    case 'pending':
      return trans.__('pending');
    case 'running':
      return trans.__('running');
    case 'completed':
      return trans.__('completed');
    case 'error':
      return trans.__('error');
    case 'aborting':
      return trans.__('aborting');
    case 'aborted':
      return trans.__('aborted');
    case 'pendingRetry':
      return trans.__('retrying');
    case 'scheduled':
      return trans.__('scheduled');
    case 'skipped':
      return trans.__('skipped');
    case 'unknown':
    case '':
      return trans.__('unknown');
    default:
      return trans.__('unknown: %1', state);
  }
}

/** The shape of a state in its colour; its word is the name and the tooltip. */
export function StateIcon(props: {
  state: string;
  size?: number;
  /** No motion, in the text's colour: for the status bar. */
  still?: boolean;
  /** The word stands beside it, so that the shape needs no name. */
  decorative?: boolean;
}) {
  const trans = useTrans();
  const shape = shapeOf(props.state);
  const word = stateWord(props.state, trans);
  const size = props.size ?? 16;
  const classes = ['jp-mlrun-icon', 'jp-mlrun-stateIcon'];
  classes.push(props.still ? 'jp-mod-still' : `jp-mlrun-state-${shape}`);
  return (
    <svg
      className={classes.join(' ')}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      role={props.decorative ? undefined : 'img'}
      aria-hidden={props.decorative ? true : undefined}
      aria-label={props.decorative ? undefined : word}
      data-state={props.state}
    >
      {!props.decorative && <title>{word}</title>}
      <g dangerouslySetInnerHTML={{ __html: STATE_SHAPES[shape] }} />
    </svg>
  );
}
