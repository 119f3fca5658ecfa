import React from 'react';
import { LinkButton } from './button';
import { Icon } from './icon';
import { StateIcon } from './stateIcon';
import { useTrans } from './translation';

/** Something to do about what a note says. */
export interface INoteAction {
  label: string;
  onClick: () => void;
}

/** What happened, why, and what to do next; the service's own text under Details. */
export function Note(props: {
  kind: 'error' | 'warning' | 'offline';
  children: React.ReactNode;
  details?: string;
  actions?: readonly INoteAction[];
}) {
  const trans = useTrans();
  const [open, setOpen] = React.useState(false);
  return (
    <div
      className={`jp-mlrun-note jp-mod-${props.kind}`}
      role={props.kind === 'error' ? 'alert' : 'status'}
    >
      {props.kind === 'offline' ? (
        <Icon name="offline" />
      ) : (
        <StateIcon
          decorative
          state={props.kind === 'error' ? 'error' : 'unhealthy'}
        />
      )}
      <div className="jp-mlrun-note-body">
        {props.children}{' '}
        {(props.actions ?? []).map(action => (
          <LinkButton key={action.label} {...action} />
        ))}
        {props.details && (
          <LinkButton
            label={open ? trans.__('Hide details') : trans.__('Details')}
            onClick={() => setOpen(!open)}
          />
        )}
        {open && <pre className="jp-mlrun-note-details">{props.details}</pre>}
      </div>
    </div>
  );
}
