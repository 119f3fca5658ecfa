import React from 'react';
import type { Highlighter } from '../models/highlight';

const Context = React.createContext<Highlighter | null>(null);

/** Gives the components below it a way to highlight code. */
export const HighlighterProvider = Context.Provider;

/** Code with line numbers, highlighted where an editor is at hand. */
export function Code(props: {
  text: string;
  language?: string;
  label: string;
  /** The number of the first line. */
  first?: number;
  /** A line to point at. */
  hit?: number;
}) {
  const highlight = React.useContext(Context);
  const place = React.useRef<HTMLPreElement>(null);
  const { text, language = 'python' } = props;
  const lines = text.replace(/\n$/, '').split('\n');
  const first = props.first ?? 1;
  React.useEffect(() => {
    const element = place.current;
    if (!element) {
      return;
    }
    let current = true;
    element.textContent = text;
    if (highlight) {
      const drawn = document.createElement('pre');
      void highlight(text, language, drawn).then(() => {
        if (current) {
          element.replaceChildren(...drawn.childNodes);
        }
      });
    }
    return () => {
      current = false;
    };
  }, [text, language, highlight]);
  return (
    <div
      className="jp-mlrun-code"
      role="group"
      aria-label={props.label}
      tabIndex={0}
    >
      <div className="jp-mlrun-code-gutter" aria-hidden="true">
        {lines.map((_, index) => (
          <i
            key={index}
            className={index + first === props.hit ? 'jp-mod-hit' : ''}
          >
            {index + first}
          </i>
        ))}
      </div>
      <pre ref={place} className="jp-mlrun-code-text" />
    </div>
  );
}
