import React from 'react';
import type { IAlert } from '../../api/alerts';
import { NounCells } from '../../components/nounCells';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatCount } from '../../format';
import { activeWord, alertState, severityWord, watchedBy } from './words';

/** An alert in the list: severity, name and what it watches, how often it was active. */
export function AlertCells(props: {
  alert: IAlert;
  showProject: boolean;
  onReset: () => void;
  onMenu: (event: React.SyntheticEvent) => void;
}) {
  const trans = useTrans();
  const { alert } = props;
  const watched = watchedBy(alert, trans);
  const why =
    alert.state === 'active'
      ? `${severityWord(alert.severity, trans)}, ${watched}`
      : watched;
  return (
    <NounCells
      icon={<StateIcon state={alertState(alert)} decorative />}
      name={alert.name}
      why={why}
      title={`${alert.name} · ${why} · ${alert.summary}`}
      project={props.showProject ? alert.project : undefined}
      value={{
        text: alert.count > 0 && formatCount(alert.count),
        title: trans.__('Activations')
      }}
      time={{ text: activeWord(alert, trans) }}
      actions={[
        {
          icon: 'rerun',
          label: trans.__('Reset'),
          disabled: alert.state !== 'active',
          onClick: props.onReset
        }
      ]}
      onMenu={props.onMenu}
    />
  );
}
