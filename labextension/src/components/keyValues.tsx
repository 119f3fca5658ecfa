import React from 'react';

/** A name with its value; the value may be anything that can be drawn. */
export interface IKeyValue {
  key: string;
  value: React.ReactNode;
  title?: string;
}

/** Names and values in two columns. */
export function KeyValues(props: {
  items: readonly IKeyValue[];
  label?: string;
}) {
  return (
    <dl className="jp-mlrun-keyValues" aria-label={props.label}>
      {props.items.map(item => (
        <React.Fragment key={item.key}>
          <dt title={item.key}>
            <bdi>{item.key}</bdi>
          </dt>
          <dd title={item.title ?? textOf(item.value)}>
            <bdi>{item.value}</bdi>
          </dd>
        </React.Fragment>
      ))}
    </dl>
  );
}

function textOf(value: React.ReactNode): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
