import React from 'react';
import { Icon } from './icon';
import type { GlyphName } from './icons';

/** One of the facts below an object's name; the tooltip has the whole of what is too long. */
export function Fact(props: {
  icon?: GlyphName;
  title?: string;
  children: React.ReactNode;
}) {
  const { icon, children } = props;
  const title = typeof children === 'string' ? children : undefined;
  return (
    <span title={props.title ?? title}>
      {icon && <Icon name={icon} size={14} />}
      <bdi>{children}</bdi>
    </span>
  );
}
