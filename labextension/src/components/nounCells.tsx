import React from 'react';
import { IconButton } from './button';
import type { GlyphName } from './icons';
import { useTrans } from './translation';

/** An action of a row, beside the menu that each has. */
export interface IRowAction {
  icon: GlyphName;
  label: string;
  onClick: () => void;
  disabled?: boolean;
}

/** A text with what is said of it on demand. */
export interface ITold {
  text: React.ReactNode;
  title?: string;
}

/** The cells of an object in its section of the panel: icon, name and why, value, time, actions. */
export function NounCells(props: {
  icon: React.ReactNode;
  name: string;
  /** What stands behind the name. */
  why: string;
  /** The whole of it; name and why, unless told. */
  title?: string;
  /** The project, where it is another than the panel's. */
  project?: string;
  value?: ITold;
  time?: ITold;
  actions: readonly IRowAction[];
  onMenu: (event: React.SyntheticEvent) => void;
}) {
  const trans = useTrans();
  const { name, why, project, value, time } = props;
  return (
    <>
      <span role="gridcell" className="jp-mlrun-runs-icon">
        {props.icon}
      </span>
      <span
        role="gridcell"
        className="jp-mlrun-runs-name"
        title={props.title ?? (why ? `${name} · ${why}` : name)}
      >
        <bdi>{name}</bdi>
        <Why text={why} />
        {project !== undefined && <Why text={project} />}
      </span>
      <span
        role="gridcell"
        className="jp-mlrun-runs-value"
        title={value?.title}
      >
        <bdi dir="ltr">{value?.text}</bdi>
      </span>
      <span role="gridcell" className="jp-mlrun-runs-time" title={time?.title}>
        <bdi dir="ltr">{time?.text}</bdi>
      </span>
      <span role="gridcell" className="jp-mlrun-runs-actions">
        {props.actions.map(action => (
          <IconButton key={action.icon} {...action} tabIndex={-1} />
        ))}
        <IconButton
          icon="more"
          label={trans.__('More')}
          tabIndex={-1}
          hasPopup
          onClick={props.onMenu}
        />
      </span>
    </>
  );
}

function Why({ text }: { text: string }) {
  return (
    <span className="jp-mlrun-dim jp-mlrun-runs-why">
      <bdi>{text}</bdi>
    </span>
  );
}
