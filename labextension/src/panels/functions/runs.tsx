import React from 'react';
import type { IEvent, IRunRow } from '../../api/documents';
import { reasonOf } from '../../api/request';
import { listRuns } from '../../api/runs';
import { CommandIDs } from '../../commands';
import { LinkButton } from '../../components/button';
import { Empty, Skeleton } from '../../components/empty';
import { Note } from '../../components/note';
import { RunTable } from '../../components/runTable';
import { useTrans } from '../../components/translation';
import type { IFunctionTab } from './tab';

const SHOWN = 50;
const QUIET = 1000;

/** The filter by which lists find the runs of a function. */
function filterOf({ model }: IFunctionTab): string {
  return `function:${model.ref.name}`;
}

/** How often runs of the project have changed by now; several at once count as one. */
export function useRunTurn({ model }: IFunctionTab): number {
  const { service, ref } = model;
  const [turn, setTurn] = React.useState(0);
  React.useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hear = (_: unknown, event: IEvent) => {
      if (event.kind === 'run' && event.project === ref.project) {
        timer ??= setTimeout(() => {
          timer = undefined;
          setTurn(known => known + 1);
        }, QUIET);
      }
    };
    service.events.connect(hear);
    return () => {
      clearTimeout(timer);
      service.events.disconnect(hear);
    };
  }, [service, ref.project]);
  return turn;
}

/** The last runs of all versions of a function, read again when one of the project changes. */
export function useRuns(props: IFunctionTab): {
  rows: readonly IRunRow[] | null;
  total: number | null;
  failure: string;
} {
  const { service, ref } = props.model;
  const [rows, setRows] = React.useState<readonly IRunRow[] | null>(null);
  const [total, setTotal] = React.useState<number | null>(null);
  const [failure, setFailure] = React.useState('');
  const turn = useRunTurn(props);
  const q = filterOf(props);
  React.useEffect(() => {
    let current = true;
    listRuns(service.settings, { project: ref.project, q, limit: SHOWN }).then(
      page => {
        if (current) {
          setRows(page.rows);
          setTotal(page.total);
          setFailure('');
        }
      },
      reason => current && setFailure(reasonOf(reason))
    );
    return () => {
      current = false;
    };
  }, [service, ref.project, q, turn]);
  return { rows, total, failure };
}

/** The last runs of a function. */
export function FunctionRuns(props: IFunctionTab) {
  const trans = useTrans();
  const { commands, model } = props;
  const { rows, total, failure } = useRuns(props);
  if (failure) {
    return <Note kind="error">{failure}</Note>;
  }
  if (rows === null) {
    return <Skeleton label={trans.__('The runs are being read')} />;
  }
  if (rows.length === 0) {
    return (
      <Empty line={`%mlrun run ${model.ref.name}`}>
        {trans.__('It has not run yet. Run it:')}
      </Empty>
    );
  }
  return (
    <>
      <RunTable
        rows={rows}
        label={trans.__('Runs of the function')}
        onOpen={({ project, uid }) =>
          void commands.execute(CommandIDs.openRun, { project, uid })
        }
      />
      {(total ?? 0) > rows.length && (
        <LinkButton
          label={trans.__('Show all %1 in a table', total ?? 0)}
          onClick={() =>
            void commands.execute(CommandIDs.openRuns, {
              project: model.ref.project,
              q: filterOf(props)
            })
          }
        />
      )}
    </>
  );
}
