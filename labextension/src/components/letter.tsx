import React from 'react';

/** The letter of the n-th selected or compared object: A, B, … Z, then AA. */
export function letterOf(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}

/** A letter in a shape and colour of its own, the same everywhere for the same object. */
export function Letter(props: { index: number }) {
  return (
    <span
      className={`jp-mlrun-letter jp-mlrun-letter-${props.index % 6}`}
      aria-hidden="true"
    >
      {letterOf(props.index)}
    </span>
  );
}
