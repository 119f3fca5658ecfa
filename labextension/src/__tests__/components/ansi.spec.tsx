import { renderToStaticMarkup } from 'react-dom/server';
import React from 'react';
import {
  AnsiText,
  contrastOf,
  lastWritten,
  paletteColor,
  plainText,
  readable
} from '../../components/ansi';

const draw = (
  text: string,
  marks?: React.ComponentProps<typeof AnsiText>['marks']
) => renderToStaticMarkup(<AnsiText text={text} marks={marks} />);

describe('lastWritten', () => {
  it.each([
    ['plain', 'plain'],
    ['10%\r50%\r100%', '100%'],
    ['done\r', 'done'],
    ['', ''],
    ['\r\r', '']
  ])('shows %j as %j', (line, shown) => {
    expect(lastWritten(line)).toBe(shown);
  });
});

describe('plainText', () => {
  it('leaves out colours, cursor moves and links', () => {
    const link = '\x1b]8;;http://example.org\x07here\x1b]8;;\x07';
    expect(plainText(`\x1b[31mred\x1b[0m \x1b[2K${link}`)).toBe('red here');
  });
});

describe('AnsiText', () => {
  it('gives the sixteen colours classes of the theme', () => {
    expect(draw('a \x1b[32mgreen\x1b[0m b')).toContain(
      '<span class="jp-mlrun-ansi-green">green</span>'
    );
  });

  it('never makes markup of a line', () => {
    expect(draw('<img src=x onerror=alert(1)>')).toBe(
      '&lt;img src=x onerror=alert(1)&gt;'
    );
    expect(draw('\x1b[31m<b>\x1b[0m')).toContain('&lt;b&gt;');
  });

  it('marks what a search has found, over colours too', () => {
    const marks = [{ start: 2, end: 7, current: true }];
    expect(draw('ab\x1b[31mcd\x1b[0mefg', marks)).toMatch(
      /ab.*<mark class="jp-mod-current">cd<\/mark>.*<mark class="jp-mod-current">efg<\/mark>/
    );
  });

  it('moves other colours until they can be read', () => {
    document.body.dataset.jpThemeLight = 'true';
    const [, colour] = /color:\s*rgb\(([^)]*)\)/.exec(
      draw('\x1b[38;5;226myellow\x1b[0m')
    ) ?? ['', ''];
    const [r, g, b] = colour.split(',').map(Number);
    expect(contrastOf([r, g, b], [255, 255, 255])).toBeGreaterThanOrEqual(4.5);
  });
});

describe('readable', () => {
  it('keeps a colour that can be read', () => {
    expect(readable([0, 0, 120], [255, 255, 255])).toEqual([0, 0, 120]);
  });

  it.each([
    [
      [255, 255, 0],
      [255, 255, 255]
    ],
    [
      [0, 0, 90],
      [17, 17, 17]
    ],
    [
      [128, 128, 128],
      [255, 255, 255]
    ]
  ] as const)('moves %j away from %j', (colour, ground) => {
    expect(contrastOf(readable(colour, ground), ground)).toBeGreaterThanOrEqual(
      4.5
    );
  });
});

describe('paletteColor', () => {
  it.each([
    [16, [0, 0, 0]],
    [196, [255, 0, 0]],
    [21, [0, 0, 255]],
    [231, [255, 255, 255]],
    [232, [8, 8, 8]],
    [255, [238, 238, 238]]
  ])('knows number %d', (index, colour) => {
    expect(paletteColor(index)).toEqual(colour);
  });
});
