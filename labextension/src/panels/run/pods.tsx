import React from 'react';
import { isLive } from '../../api/documents';
import { IRunPods, readPart, readRunPods } from '../../api/pods';
import { reasonOf } from '../../api/request';
import { Chip } from '../../components/button';
import { Empty, Skeleton } from '../../components/empty';
import { Note } from '../../components/note';
import { EventTable } from '../../components/eventTable';
import { PodTable } from '../../components/podTable';
import { useTrans } from '../../components/translation';
import { formatSize } from '../../format';
import type { RunTabModel } from './model';

const AGAIN = 5000;
const MOST_BYTES = 200_000;

/** What of a run is on the cluster, what the cluster says of it, and the logs of ranks and workers. */
export function Pods({ model }: { model: RunTabModel }) {
  const trans = useTrans();
  const { found, failure } = usePods(model);
  if (failure) {
    return <Note kind="error">{failure}</Note>;
  }
  if (!found) {
    return <Skeleton label={trans.__('The pods are being read')} />;
  }
  const { pods, parts, events, place_reason: reason } = found;
  return (
    <>
      {found.place === 'here' && (
        <p className="jp-mlrun-quiet">
          {reason
            ? trans.__('It ran on the machine of the service: %1.', reason)
            : trans.__('It ran on the machine of the service.')}
        </p>
      )}
      {pods.length > 0 ? (
        <PodTable pods={pods} label={trans.__('Pods of the run')} />
      ) : (
        found.place !== 'here' && (
          <Empty>{trans.__('It has no pods yet, or none any more.')}</Empty>
        )
      )}
      {events.length > 0 && (
        <>
          <h2>{trans.__('Events')}</h2>
          <EventTable
            events={events.slice().reverse()}
            label={trans.__('Events of pods')}
          />
        </>
      )}
      {parts.length > 0 && <PartLogs model={model} parts={parts} />}
    </>
  );
}

/** The logs of ranks and workers, one at a time. */
function PartLogs(props: { model: RunTabModel; parts: readonly string[] }) {
  const trans = useTrans();
  const { model, parts } = props;
  const [chosen, setChosen] = React.useState(parts[0]);
  const [log, setLog] = React.useState({ text: '', total: 0 });
  const [failure, setFailure] = React.useState('');
  const sign = model.doc?.status.last_update;
  React.useEffect(() => {
    let current = true;
    readPart(model.service.settings, model.ref, chosen, MOST_BYTES).then(
      read => {
        if (current) {
          setLog(read);
          setFailure('');
        }
      },
      reason => current && setFailure(reasonOf(reason))
    );
    return () => {
      current = false;
    };
  }, [model, chosen, sign]);
  return (
    <>
      <h2>{trans.__('Logs of ranks and workers')}</h2>
      <div
        className="jp-mlrun-form-kept"
        role="toolbar"
        aria-label={trans.__('Whose log')}
      >
        {parts.map(part => (
          <Chip
            key={part}
            label={part}
            on={part === chosen}
            onClick={() => setChosen(part)}
          />
        ))}
      </div>
      {failure && <Note kind="error">{failure}</Note>}
      {log.total > MOST_BYTES && (
        <p className="jp-mlrun-quiet">
          {trans.__('The last %1 of %2.', ...sizes(log.total))}
        </p>
      )}
      <pre
        className="jp-mlrun-partLog"
        tabIndex={0}
        aria-label={trans.__('Log of %1', chosen)}
      >
        {log.text}
      </pre>
    </>
  );
}

function sizes(total: number): [string, string] {
  return [formatSize(MOST_BYTES), formatSize(total)];
}

function usePods(model: RunTabModel): {
  found: IRunPods | null;
  failure: string;
} {
  const [found, setFound] = React.useState<IRunPods | null>(null);
  const [failure, setFailure] = React.useState('');
  const state = model.row?.state ?? '';
  React.useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      try {
        const pods = await readRunPods(model.service.settings, model.ref);
        if (current) {
          setFound(pods);
          setFailure('');
        }
      } catch (reason) {
        if (current) {
          setFailure(reasonOf(reason));
        }
      }
      // what happens to pods is no event of the run
      if (current && isLive(state)) {
        timer = setTimeout(() => void read(), AGAIN);
      }
    };
    void read();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [model, state]);
  return { found, failure };
}
