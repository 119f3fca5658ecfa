/** A place in code that a line of a log names. */
export interface ILogPlace {
  /** Where its text stands in the line. */
  start: number;
  end: number;
  /** A path, or a cell as tracebacks write it: `<cell train>`, `<cell [3]>`. */
  file: string;
  line: number;
}

const PLACES = [
  /File "([^"\n]{1,1000})", line (\d{1,9})/g,
  // as IPython and linters write it; a path has a slash or an ending
  /(?:^|[\s(])((?:[A-Za-z]:)?[\w./\\~-]{0,500}\.(?:py|ipynb|pyx)):(\d{1,9})\b/g
] as const;

/** The places of code in a plain line, in order, none inside another. */
export function placesIn(text: string): ILogPlace[] {
  const found: ILogPlace[] = [];
  for (const pattern of PLACES) {
    for (const match of text.matchAll(pattern)) {
      const [whole, file, line] = match;
      const start = match.index + (whole.length - whole.trimStart().length);
      const lead = whole.trimStart().startsWith('(') ? 1 : 0;
      const place = {
        start: start + lead,
        end: match.index + whole.length,
        file,
        line: Number(line)
      };
      if (!found.some(one => one.start < place.end && place.start < one.end)) {
        found.push(place);
      }
    }
  }
  return found.sort((one, other) => one.start - other.start);
}
