/** Words that YAML would read as something else than a text. */
const WORDS = /^(?:null|true|false|yes|no|on|off|y|n|~)$/i;
const PLAIN = /^[A-Za-z_][\w./-]*$/;

/** JSON data as a YAML document. */
export function formatYaml(value: unknown): string {
  return `${block(value, '').replace(/^\n/, '').trimStart()}\n`;
}

/** What stands behind a colon or a dash: on the same line, or below it. */
function block(value: unknown, indent: string): string {
  if (Array.isArray(value) && value.length > 0) {
    const inner = `${indent}  `;
    return value
      .map(item => `\n${indent}- ${block(item, inner).trimStart()}`)
      .join('');
  }
  if (isMap(value)) {
    const entries = Object.entries(value).filter(
      ([, item]) => item !== undefined
    );
    if (entries.length > 0) {
      return entries
        .map(
          ([key, item]) => `\n${indent}${scalar(key)}:${below(item, indent)}`
        )
        .join('');
    }
    return ' {}';
  }
  return ` ${scalar(value)}`;
}

function below(value: unknown, indent: string): string {
  return Array.isArray(value)
    ? block(value, indent)
    : block(value, `${indent}  `);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function scalar(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value) && !WORDS.test(value)) {
    return value;
  }
  // a number, a word or a text of JSON means the same in YAML
  const text = JSON.stringify(value ?? null);
  // but 1e-7, which YAML 1.1 reads as a text: its numbers with an exponent have a dot
  return typeof value === 'number' ? text.replace(/^(-?\d+)e/, '$1.0e') : text;
}
