import React from 'react';
import { reasonOf } from '../api/request';

/** What was asked for, or why it did not come; `again` asks once more. */
export interface IAsked<T> {
  value: T | null;
  failure: string;
  again: () => void;
}

/** Ask when a view appears, and again when one of the things named changes. */
export function useAsked<T>(
  ask: () => Promise<T>,
  on: readonly unknown[]
): IAsked<T> {
  const [value, setValue] = React.useState<T | null>(null);
  const [failure, setFailure] = React.useState('');
  const [turn, setTurn] = React.useState(0);
  React.useEffect(() => {
    let current = true;
    ask().then(
      found => {
        if (current) {
          setValue(found);
          setFailure('');
        }
      },
      reason => current && setFailure(reasonOf(reason))
    );
    return () => {
      current = false;
    };
  }, [...on, turn]);
  return { value, failure, again: () => setTurn(known => known + 1) };
}

/** Do things one at a time and read again after each; `refused` says why the last did nothing. */
export function useActed(again: () => void): {
  refused: string;
  /** Whether it was done. */
  act: (action: () => Promise<unknown>) => Promise<boolean>;
} {
  const [refused, setRefused] = React.useState('');
  const act = async (action: () => Promise<unknown>) => {
    try {
      setRefused('');
      await action();
      return true;
    } catch (reason) {
      setRefused(reasonOf(reason));
      return false;
    } finally {
      again();
    }
  };
  return { refused, act };
}
