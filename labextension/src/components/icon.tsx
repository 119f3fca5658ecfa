import React from 'react';
import { GLYPHS, GlyphName } from './icons';

const DIRECTED: readonly GlyphName[] = [
  'caretRight',
  'first',
  'previous',
  'next',
  'last'
];

/** A glyph in the colour of the text around it. It says nothing to a screen reader. */
export function Icon(props: { name: GlyphName; size?: number }) {
  const size = props.size ?? 16;
  return (
    <svg
      className={
        DIRECTED.includes(props.name)
          ? 'jp-mlrun-icon jp-mod-directed'
          : 'jp-mlrun-icon'
      }
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      dangerouslySetInnerHTML={{ __html: GLYPHS[props.name] }}
    />
  );
}
