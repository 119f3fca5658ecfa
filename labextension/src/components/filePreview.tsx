import React from 'react';
import { Code } from './code';
import { Diff, isChanged } from './diff';
import { useTrans } from './translation';

/** A file that is to be written: what changes in the one that is there, or all of it. */
export function FilePreview(props: {
  path: string;
  text: string;
  language: string;
  /** What the file holds now; undefined where there is none. */
  before: string | undefined;
}) {
  const trans = useTrans();
  const { path, text, before } = props;
  const changed = before !== undefined && isChanged(before, text);
  const [whole, setWhole] = React.useState(!changed);
  return (
    <div className="jp-mlrun-export-file">
      <div className="jp-mlrun-dim" title={path}>
        {path}{' '}
        {changed && (
          <button
            type="button"
            className="jp-mlrun-link"
            onClick={() => setWhole(!whole)}
          >
            {whole
              ? trans.__('Show what changes')
              : trans.__('Show the whole file')}
          </button>
        )}
      </div>
      {whole || before === undefined ? (
        <Code text={text} language={props.language} label={path} />
      ) : (
        <Diff from={before} to={text} label={path} />
      )}
    </div>
  );
}
