import type { Locator } from '@playwright/test';

/** What readers of a part of the page would miss or misread, a line each; none when all is well. */
export async function faults(part: Locator): Promise<string[]> {
  return part.evaluate(findFaults);
}

/** Runs in the page, so it brings along all that it needs. */
function findFaults(root: Element): string[] {
  type Box = { left: number; top: number; right: number; bottom: number };
  type Part = { node: Element; scroller: Element; boxes: Box[]; word: string };
  // tables of many columns, code and logs are as wide as they are, in frames of their own
  const WIDE =
    '.jp-mlrun-table .jp-mlrun-grid, .jp-mlrun-code, .jp-mlrun-diff, .jp-mlrun-log-lines, .jp-mlrun-compare-scroll, .jp-mlrun-scrolls, .jp-mlrun-error-frame';
  const CONTROLS =
    'button, input, select, textarea, img, canvas, svg.jp-mlrun-icon';
  const NUMBER =
    /^[+−~▴▾ ]*\d[\d.,: ×+−]*( ?(ms|s|min|h|d|B|kB|MB|GB|%))?( \d+ h)?$/;
  const VALUE = new RegExp(
    `${NUMBER.source}|^\\d+ \\w+ ago\\b|^[a-z]+://|^[-*/,\\w]+( [-*/,\\w]+){4}$|^-`
  );
  const SLACK = 1.5;
  const HIGH = 5;
  const rtl = getComputedStyle(root).direction === 'rtl';
  const found = new Set<string>();
  const parts: Part[] = [];

  const wordsOf = (node: Element) =>
    (node instanceof HTMLInputElement ? node.value : (node.textContent ?? ''))
      .trim()
      .replace(/\s+/g, ' ');
  const nameOf = (node: Element) => {
    const ours = node.closest('[class*="jp-mlrun-"]') ?? node;
    const classes = (ours.getAttribute('class') ?? '').replace(/ /g, '.');
    return `“${wordsOf(node).slice(0, 50)}” ${node.localName} in .${classes}`;
  };
  const isSeen = (node: Element) =>
    node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    !node.closest('.jp-mlrun-hidden, option, datalist, svg > *');
  const hasText = (node: Element) =>
    [...node.childNodes].some(
      child => child.nodeType === Node.TEXT_NODE && child.textContent?.trim()
    );
  const scrolls = (value: string) => value === 'auto' || value === 'scroll';
  const boxesOf = (node: Element, isText: boolean): DOMRect[] => {
    if (!isText) {
      return [node.getBoundingClientRect()];
    }
    return [...node.childNodes]
      .filter(child => child.nodeType === Node.TEXT_NODE)
      .flatMap(text => {
        const range = document.createRange();
        range.selectNodeContents(text);
        return [...range.getClientRects()];
      });
  };
  const blockOf = (node: Element): Element =>
    /^(inline|contents)$/.test(getComputedStyle(node).display) &&
    node.parentElement
      ? blockOf(node.parentElement)
      : node;
  const endsInDots = (node: Element, clip: Element) => {
    const css = getComputedStyle(clip);
    return (
      (blockOf(node) === clip &&
        css.textOverflow === 'ellipsis' &&
        !/flex|grid/.test(css.display)) ||
      Number(css.webkitLineClamp) > 0
    );
  };
  const isTold = (node: Element) => {
    const title = node.closest('[title]')?.getAttribute('title')?.trim() ?? '';
    return (
      title !== '' &&
      title
        .replace(/\s+/g, ' ')
        .includes(wordsOf(node).slice(0, 24).split('…')[0])
    );
  };
  const lost = (node: Element, clip: Element, isText: boolean) => {
    if (!isText || !endsInDots(node, clip)) {
      found.add(`cut off: ${nameOf(node)} by ${nameOf(clip)}`);
    } else if (NUMBER.test(wordsOf(node))) {
      found.add(`a value is shortened: ${nameOf(node)}`);
    } else if (!isTold(node)) {
      found.add(`no tooltip: ${nameOf(node)}`);
    }
  };

  /** Where a box is seen, and what scrolls it; what hides a part of it is a fault. */
  const seenPart = (node: Element, rect: DOMRect, isText: boolean) => {
    const box: Box = {
      left: rect.left,
      top: rect.top,
      right: rect.right,
      bottom: rect.bottom
    };
    for (
      let clip = isText ? node : node.parentElement;
      clip && root.contains(clip);
      clip = clip.parentElement
    ) {
      const css = getComputedStyle(clip);
      if (/^(inline|contents)$/.test(css.display)) {
        continue;
      }
      if (scrolls(css.overflowX) || scrolls(css.overflowY)) {
        return { box, scroller: clip };
      }
      const edge = clip.getBoundingClientRect();
      const hidesX = css.overflowX !== 'visible' || clip === root;
      const hidesY = css.overflowY !== 'visible' || clip === root;
      if (
        (hidesX &&
          (box.left < edge.left - SLACK || box.right > edge.right + SLACK)) ||
        (hidesY &&
          (box.top < edge.top - HIGH || box.bottom > edge.bottom + HIGH))
      ) {
        lost(node, clip, isText);
      }
      if (hidesX) {
        box.left = Math.max(box.left, edge.left);
        box.right = Math.min(box.right, edge.right);
      }
      if (hidesY) {
        box.top = Math.max(box.top, edge.top);
        box.bottom = Math.min(box.bottom, edge.bottom);
      }
    }
    return { box, scroller: root };
  };

  /** The letters of a value stand from left to right, whichever way the page reads. */
  const checkOrder = (node: Element) => {
    let line = NaN;
    let last = -Infinity;
    for (const child of node.childNodes) {
      for (let at = 0; at < (child.textContent ?? '').length; at += 1) {
        const letter = document.createRange();
        letter.setStart(child, at);
        letter.setEnd(child, at + 1);
        const { top, left, width } = letter.getBoundingClientRect();
        if (width && top === line && left < last) {
          found.add(`turned round: ${nameOf(node)}`);
          return;
        }
        [line, last] = width ? [top, left] : [line, last];
      }
    }
  };

  for (const node of [root, ...root.querySelectorAll('*')]) {
    if (!isSeen(node)) {
      continue;
    }
    const css = getComputedStyle(node);
    const over = node.scrollWidth - node.clientWidth;
    if (scrolls(css.overflowX) && over > SLACK && !node.matches(WIDE)) {
      found.add(`scrolls sideways by ${over}: ${nameOf(node)}`);
    }
    const isText = hasText(node) && !node.matches('select, textarea');
    if (!isText && !node.matches(CONTROLS)) {
      continue;
    }
    const boxes: Box[] = [];
    let scroller = root;
    for (const rect of boxesOf(node, isText)) {
      const seen = seenPart(node, rect, isText);
      boxes.push(seen.box);
      scroller = seen.scroller;
    }
    parts.push({ node, scroller, boxes, word: nameOf(node) });
    if (rtl && isText && VALUE.test(wordsOf(node))) {
      checkOrder(node);
    }
    if (rtl && node instanceof HTMLInputElement && VALUE.test(node.value)) {
      const ltr = css.direction === 'ltr' || css.unicodeBidi === 'plaintext';
      if (!ltr) {
        found.add(`turned round: ${nameOf(node)}`);
      }
    }
  }

  const overlap = (one: Box, other: Box) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > HIGH;
  parts.forEach((one, index) => {
    for (const other of parts.slice(index + 1)) {
      if (
        one.scroller === other.scroller &&
        !one.node.contains(other.node) &&
        !other.node.contains(one.node) &&
        one.boxes.some(box => other.boxes.some(beside => overlap(box, beside)))
      ) {
        found.add(`one over the other: ${one.word} and ${other.word}`);
      }
    }
  });
  return [...found];
}
