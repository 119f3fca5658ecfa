import Anser from 'anser';
import React from 'react';

type Rgb = readonly [number, number, number];

const CONTRAST = 4.5;
const PAPER: Record<'light' | 'dark', Rgb> = {
  light: [255, 255, 255],
  dark: [17, 17, 17]
};
/* eslint-disable no-control-regex */
// links of terminals (OSC), and whatever else is no colour
const OTHER_ESCAPES =
  /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-B]|\x1b\[[0-9;?]*[A-HJKSTfhlnsu]/g;
/* eslint-enable no-control-regex */

/** What a line shows once its carriage returns have had their effect. */
export function lastWritten(line: string): string {
  const parts = line.split('\r').filter(part => part !== '');
  return parts[parts.length - 1] ?? '';
}

/** A line without colours, as it is searched and copied. */
export function plainText(line: string): string {
  return Anser.ansiToText(lastWritten(line).replace(OTHER_ESCAPES, ''));
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map(part => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The contrast of two colours, from 1 to 21. */
export function contrastOf(one: Rgb, other: Rgb): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** A colour moved away from its ground until it can be read. */
export function readable(rgb: Rgb, ground: Rgb): Rgb {
  const end = luminance(ground) > 0.4 ? 0 : 255;
  for (let share = 0; share <= 1; share += 0.1) {
    const [r, g, b] = rgb.map(part => Math.round(part + (end - part) * share));
    if (contrastOf([r, g, b], ground) >= CONTRAST) {
      return [r, g, b];
    }
  }
  return [end, end, end];
}

function ground(): Rgb {
  return PAPER[
    document.body.dataset.jpThemeLight === 'false' ? 'dark' : 'light'
  ];
}

function inWords(text: string): Rgb {
  const [r = 0, g = 0, b = 0] = text.split(',').map(Number);
  return [r, g, b];
}

function isNamed(color: string): boolean {
  return /^ansi-(bright-)?(black|red|green|yellow|blue|magenta|cyan|white)$/.test(
    color
  );
}

function colorsOf(part: Anser.AnserJsonEntry): {
  className: string;
  style: React.CSSProperties;
} {
  const classes = (part.decorations ?? []).map(name => `jp-mlrun-ansi-${name}`);
  const style: React.CSSProperties = {};
  if (part.fg && isNamed(part.fg)) {
    classes.push(`jp-mlrun-${part.fg}`);
  } else if (part.fg_truecolor && !part.bg) {
    style.color = `rgb(${readable(inWords(part.fg_truecolor), ground()).join(',')})`;
  }
  if (part.bg) {
    classes.push(
      isNamed(part.bg) ? `jp-mlrun-${part.bg}-bg` : 'jp-mlrun-ansi-ground'
    );
  }
  return { className: classes.join(' '), style };
}

function paletteToTruecolor(part: Anser.AnserJsonEntry): Anser.AnserJsonEntry {
  const index = /^ansi-palette-(\d+)$/.exec(part.fg ?? '');
  return index
    ? { ...part, fg_truecolor: paletteColor(Number(index[1])).join(',') }
    : part;
}

/** A colour of the 256-colour palette: a cube of 6 × 6 × 6, then greys. */
export function paletteColor(index: number): Rgb {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return [grey, grey, grey];
  }
  const cube = Math.max(0, index - 16);
  const level = (place: number) => {
    const step = Math.floor(cube / place) % 6;
    return step ? 55 + step * 40 : 0;
  };
  return [level(36), level(6), level(1)];
}

/** A part of the plain text to mark: a match, of which one is shown, or a link. */
export interface IMark {
  start: number;
  end: number;
  current?: boolean;
  /** What a click on it does; without it, it is a match. */
  open?: () => void;
  title?: string;
}

/** A line of a terminal with its colours, with marks where a search matches, and with links. */
export const AnsiText = React.memo(function AnsiText(props: {
  text: string;
  marks?: readonly IMark[];
}) {
  const line = lastWritten(props.text).replace(OTHER_ESCAPES, '');
  const parts = line.includes('\x1b')
    ? Anser.ansiToJson(line, {
        json: true,
        use_classes: true,
        remove_empty: true
      }).map(paletteToTruecolor)
    : null;
  if (!parts) {
    return <>{marked(line, 0, props.marks)}</>;
  }
  let offset = 0;
  return (
    <>
      {parts.map((part, index) => {
        const start = offset;
        offset += part.content.length;
        return (
          <span key={index} {...colorsOf(part)}>
            {marked(part.content, start, props.marks)}
          </span>
        );
      })}
    </>
  );
});

function marked(
  text: string,
  offset: number,
  marks: readonly IMark[] = []
): React.ReactNode {
  const found: React.ReactNode[] = [];
  let done = 0;
  for (const mark of marks) {
    const start = Math.max(mark.start - offset, done);
    const end = Math.min(mark.end - offset, text.length);
    if (end > start) {
      found.push(text.slice(done, start));
      const shown = text.slice(start, end);
      found.push(
        mark.open ? (
          <button
            key={start}
            type="button"
            className="jp-mlrun-link"
            title={mark.title}
            onClick={mark.open}
          >
            {shown}
          </button>
        ) : (
          <mark key={start} className={mark.current ? 'jp-mod-current' : ''}>
            {shown}
          </mark>
        )
      );
      done = end;
    }
  }
  return done === 0 ? text : [...found, text.slice(done)];
}
