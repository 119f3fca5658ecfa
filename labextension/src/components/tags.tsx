import React from 'react';
import { Icon } from './icon';
import { useTrans } from './translation';

const TAG = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,54}[A-Za-z0-9])?$/;

/** Tags that can be given and taken away. */
export function Tags(props: {
  tags: readonly string[];
  /** Whose they are, for a screen reader. */
  label: string;
  onAdd: (tag: string) => Promise<void>;
  onRemove: (tag: string) => Promise<void>;
}) {
  const trans = useTrans();
  const { tags, onAdd, onRemove } = props;
  const [text, setText] = React.useState<string | null>(null);
  const wrong = text !== null && text !== '' && !TAG.test(text);
  const end = () => {
    if (text && !wrong && !tags.includes(text)) {
      void onAdd(text);
    }
    if (!wrong) {
      setText(null);
    }
  };
  return (
    <span className="jp-mlrun-tags" role="group" aria-label={props.label}>
      {tags.map(tag => (
        <span key={tag} className="jp-mlrun-tag">
          <bdi>{tag}</bdi>
          {tag !== 'latest' && (
            <button
              type="button"
              className="jp-mlrun-tag-remove"
              aria-label={trans.__('Take the tag %1 away', tag)}
              title={trans.__('Take the tag %1 away', tag)}
              onClick={() => void onRemove(tag)}
            >
              <Icon name="close" size={12} />
            </button>
          )}
        </span>
      ))}
      {text === null ? (
        <button
          type="button"
          className="jp-mlrun-tag-add"
          aria-label={trans.__('Add a tag')}
          title={trans.__('Add a tag')}
          onClick={() => setText('')}
        >
          <Icon name="plus" size={12} />
        </button>
      ) : (
        <input
          autoFocus
          type="text"
          className="jp-mlrun-input jp-mlrun-tag-input"
          spellCheck={false}
          aria-label={trans.__('New tag')}
          aria-invalid={wrong}
          value={text}
          onChange={event => setText(event.target.value)}
          onBlur={end}
          onKeyDown={event => {
            event.stopPropagation();
            if (event.key === 'Enter') {
              end();
            } else if (event.key === 'Escape') {
              setText(null);
            }
          }}
        />
      )}
      {wrong && (
        <span className="jp-mlrun-form-problem" role="alert">
          {trans.__(
            'Letters, digits, -, _ and . make a tag; the first and the last are letters or digits.'
          )}
        </span>
      )}
    </span>
  );
}
