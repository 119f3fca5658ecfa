import React from 'react';
import { ICluster, readCluster } from '../../api/pods';
import {
  IFunctionCluster,
  listFunctionClusters,
  scaleFunctionCluster,
  stopFunctionCluster
} from '../../api/functionClusters';
import { RequestError, reasonOf } from '../../api/request';
import { Button } from '../../components/button';
import { confirm } from '../../components/confirm';
import { DataTable } from '../../components/dataTable';
import { Empty, Skeleton } from '../../components/empty';
import { EventTable } from '../../components/eventTable';
import { Icon } from '../../components/icon';
import { KeyValues } from '../../components/keyValues';
import { Note } from '../../components/note';
import { ObjectTab } from '../../components/objectTab';
import { PodTable } from '../../components/podTable';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatCount, formatMoment } from '../../format';
import type { IMLRunService } from '../../tokens';

const AGAIN = 5000;
const MOST_WORKERS = 1000;

interface IShown {
  /** Null where only administrators may look. */
  cluster: ICluster | null;
  clusters: IFunctionCluster[];
}

/** The cluster of the service and the clusters that functions keep. */
export function ClusterTab(props: {
  service: IMLRunService;
  /** Whether anybody can see it: hidden, it asks nothing. */
  isVisible: () => boolean;
}) {
  const trans = useTrans();
  const [section, setSection] = React.useState('cluster');
  const { shown, failure, reload } = useCluster(props);
  if (!shown) {
    return failure ? (
      <Note
        kind="error"
        actions={[{ label: trans.__('Try again'), onClick: reload }]}
      >
        {failure}
      </Note>
    ) : (
      <Skeleton label={trans.__('The cluster is being asked')} rows={5} />
    );
  }
  const { cluster, clusters } = shown;
  return (
    <ObjectTab
      icon={<Icon name="layers" />}
      name={trans.__('Cluster')}
      subtitle={
        cluster?.configured
          ? cluster.host || trans.__('does not answer')
          : trans.__('none configured: kinds run on this machine')
      }
      notes={
        <>
          {failure && <Note kind="error">{failure}</Note>}
          {(cluster?.troubles ?? []).map(trouble => (
            <Note key={trouble} kind="warning">
              {trouble}
            </Note>
          ))}
        </>
      }
      sections={[
        {
          id: 'cluster',
          label: trans.__('Kubernetes'),
          render: () => <Kubernetes cluster={cluster} />
        },
        {
          id: 'functions',
          label: trans.__('Dask clusters'),
          count: clusters.length || null,
          render: () => (
            <FunctionClusters
              service={props.service}
              clusters={clusters}
              onChange={reload}
            />
          )
        }
      ]}
      section={section}
      sectionsLabel={trans.__('Sections of the cluster')}
      onSection={setSection}
    />
  );
}

function Kubernetes({ cluster }: { cluster: ICluster | null }) {
  const trans = useTrans();
  if (cluster === null) {
    return (
      <Empty>{trans.__('Only administrators see the cluster itself.')}</Empty>
    );
  }
  if (!cluster.configured) {
    return (
      <Empty line='c.MLRunCluster.kubeconfig = "/home/ana/.kube/config"'>
        {trans.__(
          'No cluster is configured. Jobs run here as processes. To use one, set in jupyter_server_config.py:'
        )}
      </Empty>
    );
  }
  const operators = Object.entries(cluster.operators ?? {});
  const { events = [], namespaces = [] } = cluster;
  return (
    <>
      <KeyValues
        label={trans.__('Cluster')}
        items={[
          { key: trans.__('address'), value: cluster.host ?? '' },
          { key: trans.__('namespace'), value: cluster.namespace ?? '' },
          { key: trans.__('kinds'), value: (cluster.kinds ?? []).join(', ') },
          { key: trans.__('service seen from pods'), value: cluster.url ?? '' }
        ]}
      />
      {operators.length > 0 && (
        <>
          <h2>{trans.__('Operators')}</h2>
          <ul className="jp-mlrun-names">
            {operators.map(([name, there]) => (
              <li key={name}>
                <StateIcon state={there ? 'completed' : 'skipped'} decorative />
                <span>{name}</span>
                <span className="jp-mlrun-dim">
                  {there ? trans.__('installed') : trans.__('not installed')}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      {cluster.contexts.length > 0 && (
        <>
          <h2>{trans.__('Contexts')}</h2>
          <ul className="jp-mlrun-names">
            {cluster.contexts.map(context => (
              <li key={context.name}>
                <bdi>{context.name}</bdi>
                <span className="jp-mlrun-dim">
                  {context.namespace ?? 'default'}
                </span>
                {context.current && (
                  <span className="jp-mlrun-tag">{trans.__('in use')}</span>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {namespaces.length > 0 && (
        <>
          <h2>{trans.__('Namespaces')}</h2>
          <ul
            className="jp-mlrun-names"
            aria-label={trans.__('Namespaces of the cluster')}
          >
            {namespaces.map(name => (
              <li key={name}>
                <bdi>{name}</bdi>
                {name === cluster.namespace && (
                  <span className="jp-mlrun-tag">{trans.__('in use')}</span>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      <h2>{trans.__('Pods')}</h2>
      {cluster.pods.length > 0 ? (
        <PodTable pods={cluster.pods} label={trans.__('Pods of runs')} />
      ) : (
        <p className="jp-mlrun-quiet">{trans.__('No run has pods now.')}</p>
      )}
      {events.length > 0 && (
        <>
          <h2>{trans.__('Events')}</h2>
          <EventTable
            events={events}
            label={trans.__('Events of the namespace')}
          />
        </>
      )}
    </>
  );
}

function FunctionClusters(props: {
  service: IMLRunService;
  clusters: readonly IFunctionCluster[];
  onChange: () => void;
}) {
  const trans = useTrans();
  const [failure, setFailure] = React.useState('');
  const act = (action: () => Promise<void>) => {
    setFailure('');
    action().then(props.onChange, reason => setFailure(reasonOf(reason)));
  };
  if (props.clusters.length === 0) {
    return (
      <Empty line='new_function("dask", kind="dask").client'>
        {trans.__('No function keeps a cluster. Start one:')}
      </Empty>
    );
  }
  return (
    <>
      {failure && <Note kind="error">{failure}</Note>}
      <DataTable
        label={trans.__('Clusters of functions')}
        columns={[
          trans.__('State'),
          trans.__('Function'),
          trans.__('Place'),
          trans.__('Scheduler'),
          trans.__('Started'),
          trans.__('Workers'),
          { label: trans.__('Actions'), hidden: true }
        ]}
      >
        {props.clusters.map(cluster => (
          <FunctionCluster
            key={`${cluster.project}/${cluster.function}`}
            service={props.service}
            cluster={cluster}
            act={act}
          />
        ))}
      </DataTable>
    </>
  );
}

function FunctionCluster(props: {
  service: IMLRunService;
  cluster: IFunctionCluster;
  act: (action: () => Promise<void>) => void;
}) {
  const trans = useTrans();
  const { cluster, act, service } = props;
  const { settings } = service;
  const count = cluster.workers.length;
  const [wanted, setWanted] = React.useState<string | null>(null);
  const start = cluster.started_at && cluster.started_at * 1000;
  const live = ['running', 'pending'].includes(cluster.state);
  const number = Number(wanted);
  const scalable =
    wanted !== null &&
    Number.isInteger(number) &&
    number >= 0 &&
    number <= MOST_WORKERS;
  const stop = async () => {
    const meant = await confirm({
      title: trans.__('Stop the cluster of %1?', cluster.function),
      body: trans.__('What its workers do and hold in memory is lost.'),
      keep: trans.__('Keep it'),
      act: trans.__('Stop')
    });
    if (meant) {
      await stopFunctionCluster(settings, cluster);
    }
  };
  return (
    <tr>
      <td>
        <span
          className="jp-mlrun-stateCell"
          title={cluster.reason || undefined}
        >
          <StateIcon state={cluster.state} decorative />
          {cluster.state}
        </span>
      </td>
      <td>
        <bdi>{cluster.function}</bdi>{' '}
        <span className="jp-mlrun-dim">
          <bdi>{cluster.project}</bdi>
        </span>
      </td>
      <td>{cluster.place}</td>
      <td className="jp-mlrun-mono">
        {/^https?:/.test(cluster.dashboard) ? (
          <a href={cluster.dashboard} target="_blank" rel="noreferrer">
            {cluster.scheduler_address || trans.__('dashboard')}
          </a>
        ) : (
          cluster.scheduler_address
        )}
      </td>
      <td>{start ? formatMoment(start, Date.now()) : ''}</td>
      <td>
        {live ? (
          <form
            className="jp-mlrun-stateCell"
            onSubmit={event => {
              event.preventDefault();
              if (scalable) {
                act(() => scaleFunctionCluster(settings, cluster, number));
                setWanted(null);
              }
            }}
          >
            <input
              className="jp-mlrun-input jp-mlrun-tag-input"
              inputMode="numeric"
              aria-label={trans.__('Workers of %1', cluster.function)}
              aria-invalid={wanted !== null && !scalable}
              value={wanted ?? String(count)}
              onChange={event => setWanted(event.target.value)}
            />
            <Button submit label={trans.__('Scale')} disabled={!scalable} />
          </form>
        ) : (
          formatCount(count)
        )}
      </td>
      <td>
        {live && (
          <Button
            icon="stop"
            label={trans.__('Stop')}
            onClick={() => act(stop)}
          />
        )}
      </td>
    </tr>
  );
}

function useCluster(props: {
  service: IMLRunService;
  isVisible: () => boolean;
}): { shown: IShown | null; failure: string; reload: () => void } {
  const { service, isVisible } = props;
  const [shown, setShown] = React.useState<IShown | null>(null);
  const [failure, setFailure] = React.useState('');
  const [turn, setTurn] = React.useState(0);
  React.useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      if (isVisible() && !document.hidden) {
        try {
          const [cluster, clusters] = await Promise.all([
            readCluster(service.settings).catch(withoutRight),
            listFunctionClusters(service.settings, service.project)
          ]);
          if (current) {
            setShown({ cluster, clusters });
            setFailure('');
          }
        } catch (reason) {
          if (current) {
            setFailure(reasonOf(reason));
          }
        }
      }
      if (current) {
        timer = setTimeout(() => void read(), AGAIN);
      }
    };
    const again = () => setTurn(known => known + 1);
    service.projectChanged.connect(again);
    void read();
    return () => {
      current = false;
      clearTimeout(timer);
      service.projectChanged.disconnect(again);
    };
  }, [service, isVisible, turn]);
  return { shown, failure, reload: () => setTurn(known => known + 1) };
}

/** In a service of many users the cluster itself is the administrators'. */
function withoutRight(reason: unknown): null {
  if (reason instanceof RequestError && reason.status === 403) {
    return null;
  }
  throw reason;
}
