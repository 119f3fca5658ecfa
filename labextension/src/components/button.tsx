import React from 'react';
import { Icon } from './icon';
import type { GlyphName } from './icons';

/** A button with a word on it, and a glyph before it where one is given. */
export function Button(props: {
  label: string;
  icon?: GlyphName;
  primary?: boolean;
  /** Sends the form it is in, as Enter in one of its fields does. */
  submit?: boolean;
  disabled?: boolean;
  title?: string;
  onClick?: (event: React.MouseEvent) => void;
}) {
  return (
    <button
      type={props.submit ? 'submit' : 'button'}
      className={`jp-mlrun-button${props.primary ? ' jp-mod-primary' : ''}`}
      disabled={props.disabled}
      title={props.title}
      onClick={props.onClick}
    >
      {props.icon && <Icon name={props.icon} size={14} />}
      {props.label}
    </button>
  );
}

/** A button that is a glyph; its name is its tooltip. */
export function IconButton(props: {
  label: string;
  icon: GlyphName;
  pressed?: boolean;
  disabled?: boolean;
  tabIndex?: number;
  hasPopup?: boolean;
  onClick: (event: React.MouseEvent<HTMLButtonElement>) => void;
}) {
  return (
    <button
      type="button"
      className={`jp-mlrun-iconButton${props.pressed ? ' jp-mod-on' : ''}`}
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.pressed}
      aria-haspopup={props.hasPopup ? 'menu' : undefined}
      disabled={props.disabled}
      tabIndex={props.tabIndex}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}

/** A small toggle in a row of choices. */
export function Chip(props: {
  label: string;
  on: boolean;
  title?: string;
  children?: React.ReactNode;
  tabIndex?: number;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      className={`jp-mlrun-chip${props.on ? ' jp-mod-on' : ''}`}
      aria-pressed={props.on}
      aria-label={props.children ? props.label : undefined}
      title={props.title ?? (props.children ? undefined : props.label)}
      tabIndex={props.tabIndex}
      onClick={props.onClick}
    >
      {props.children ?? (
        <span className="jp-mlrun-ellipsis">
          <bdi>{props.label}</bdi>
        </span>
      )}
    </button>
  );
}

/** A link that acts: looks like a link, is a button. */
export function LinkButton(props: {
  label: string;
  title?: string;
  disabled?: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      className="jp-mlrun-link"
      title={props.title ?? props.label}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      <bdi>{props.label}</bdi>
    </button>
  );
}
