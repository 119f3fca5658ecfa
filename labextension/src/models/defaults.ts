import type { Json } from '../api/documents';

/**
 * Whether a default is that value in the code too.
 *
 * Documents have a computed default (`n=DEFAULT_N`) as the text of its expression, and a tuple as
 * a list: the code alone tells them from a text and from a list.
 */
export function isWritten(
  name: string,
  value: Json,
  handler: string,
  source: string
): boolean {
  if (typeof value !== 'string' && !Array.isArray(value)) {
    return true;
  }
  const called = handler.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const start = new RegExp(`\\bdef\\s+${called}\\s*\\(`).exec(source)?.index;
  if (start === undefined || !/^\w+$/.test(name)) {
    return false;
  }
  const first = Array.isArray(value) ? '\\[' : '[rRuU]?["\']';
  const written = new RegExp(`\\b${name}\\s*(?::[^=]*?)?=\\s*(.{0,2})`, 's');
  const found = written.exec(source.slice(start))?.[1] ?? '';
  // an expression that begins with a text has its quote in the document
  return (
    new RegExp(`^${first}`).test(found) &&
    !(typeof value === 'string' && /^["']/.test(value))
  );
}
