import React from 'react';
import type { IAlert } from '../../api/alerts';
import { IconButton } from '../../components/button';
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
  return (
    <>
      <span role="gridcell" className="jp-mlrun-runs-icon">
        <StateIcon state={alertState(alert)} decorative />
      </span>
      <span
        role="gridcell"
        className="jp-mlrun-runs-name"
        title={`${alert.name} · ${alert.summary}`}
      >
        <bdi>{alert.name}</bdi>
        <span className="jp-mlrun-dim jp-mlrun-runs-why">
          <bdi>
            {alert.state === 'active'
              ? `${severityWord(alert.severity, trans)}, ${watched}`
              : watched}
          </bdi>
        </span>
        {props.showProject && (
          <span className="jp-mlrun-dim jp-mlrun-runs-why">
            <bdi>{alert.project}</bdi>
          </span>
        )}
      </span>
      <span
        role="gridcell"
        className="jp-mlrun-runs-value"
        title={trans.__('Activations')}
      >
        {alert.count > 0 && formatCount(alert.count)}
      </span>
      <span role="gridcell" className="jp-mlrun-runs-time">
        {activeWord(alert, trans)}
      </span>
      <span role="gridcell" className="jp-mlrun-runs-actions">
        <IconButton
          icon="rerun"
          label={trans.__('Reset')}
          tabIndex={-1}
          disabled={alert.state !== 'active'}
          onClick={props.onReset}
        />
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
