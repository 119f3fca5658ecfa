import React from 'react';
import { Button, LinkButton } from '../../components/button';
import { DataTable } from '../../components/dataTable';
import { Skeleton } from '../../components/empty';
import { Icon } from '../../components/icon';
import { Note } from '../../components/note';
import { StateIcon, stateWord } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatUri } from '../../format';
import {
  ILineage,
  ILineageNode,
  LineageColumn,
  lineageOf
} from '../../models/lineage';
import type { IRunTabProps } from './props';

const WIDTH = 146;
const HEIGHT = 42;
const GAP = 12;
const SPACE = 64;
const MOST_DRAWN = 12;
const URI_LENGTH = 52;
const NODE_URI_LENGTH = 20;
const COLUMNS: readonly LineageColumn[] = ['input', 'run', 'output', 'user'];

/** What the run took, what it left and who took that: as a graph, then as a list. */
export function Lineage(props: IRunTabProps) {
  const trans = useTrans();
  const { model } = props;
  React.useEffect(() => {
    void model.readUsers();
  }, [model]);
  const { doc, row, users } = model;
  if (model.usersFailure) {
    return (
      <Note
        kind="error"
        actions={[
          {
            label: trans.__('Try again'),
            onClick: () => void model.readUsers()
          }
        ]}
      >
        {trans.__(
          'Who used this run’s outputs was not read: %1',
          model.usersFailure
        )}
      </Note>
    );
  }
  if (!doc || !row || !users) {
    return <Skeleton label={trans.__('The lineage is being read')} />;
  }
  const lineage = lineageOf(doc, row, model.artifacts, users);
  const open = (node: ILineageNode) => {
    if (node.column === 'output') {
      model.section = 'artifacts';
    } else if (node.ref && node.column !== 'run') {
      props.onOpen(node.ref);
    }
  };
  return (
    <div className="jp-mlrun-lineage">
      <Graph lineage={lineage} onOpen={open} />
      <List lineage={lineage} onOpen={open} />
    </div>
  );
}

interface IPlaced extends ILineageNode {
  x: number;
  y: number;
}

function place(lineage: ILineage): {
  nodes: IPlaced[];
  width: number;
  height: number;
} {
  const columns = COLUMNS.map(column =>
    lineage.nodes.filter(node => node.column === column).slice(0, MOST_DRAWN)
  ).filter(column => column.length > 0);
  const most = Math.max(...columns.map(column => column.length));
  const height = most * (HEIGHT + GAP) - GAP;
  const nodes = columns.flatMap((column, index) => {
    const top = (height - column.length * (HEIGHT + GAP) + GAP) / 2;
    return column.map((node, row) => ({
      ...node,
      x: index * (WIDTH + SPACE),
      y: top + row * (HEIGHT + GAP)
    }));
  });
  return { nodes, width: columns.length * (WIDTH + SPACE) - SPACE, height };
}

/** The nearest neighbour of a node that an arrow key leads to, or undefined. */
function neighbour(
  key: string,
  node: IPlaced,
  nodes: readonly IPlaced[],
  edges: readonly [string, string][]
): IPlaced | undefined {
  const find = (id: string | undefined) => nodes.find(one => one.id === id);
  const beside = nodes.filter(one => one.column === node.column);
  const at = beside.indexOf(node);
  switch (key) {
    case 'ArrowRight':
      return find(edges.find(([from]) => from === node.id)?.[1]);
    case 'ArrowLeft':
      return find(edges.find(([, to]) => to === node.id)?.[0]);
    case 'ArrowDown':
      return beside[at + 1];
    case 'ArrowUp':
      return beside[at - 1];
    default:
      return undefined;
  }
}

function Graph(props: {
  lineage: ILineage;
  onOpen: (node: ILineageNode) => void;
}) {
  const trans = useTrans();
  const root = React.useRef<HTMLDivElement>(null);
  const { lineage, onOpen } = props;
  const { nodes, width, height } = place(lineage);
  const known = new Map(nodes.map(node => [node.id, node]));
  const move = (event: React.KeyboardEvent, node: IPlaced) => {
    const next = neighbour(event.key, node, nodes, lineage.edges);
    if (next) {
      event.preventDefault();
      root.current
        ?.querySelectorAll<HTMLElement>('button')
        [nodes.indexOf(next)]?.focus();
    }
  };
  return (
    <div className="jp-mlrun-scrolls">
      <div
        ref={root}
        className="jp-mlrun-lineage-graph"
        role="group"
        aria-label={trans.__('Lineage of the run as a graph')}
        style={{ width, height }}
      >
        <svg width={width} height={height} aria-hidden="true">
          {lineage.edges.map(([from, to]) => {
            const [start, end] = [known.get(from), known.get(to)];
            return start && end ? (
              <path key={`${from} ${to}`} d={curve(start, end)} />
            ) : null;
          })}
        </svg>
        {nodes.map(node => (
          <button
            key={node.id}
            type="button"
            className={`jp-mlrun-lineage-node jp-mod-${node.column}`}
            style={{ left: node.x, top: node.y, width: WIDTH, height: HEIGHT }}
            title={`${node.name}\n${node.fact}`}
            aria-current={node.column === 'run' ? 'true' : undefined}
            onClick={() => onOpen(node)}
            onKeyDown={event => move(event, node)}
          >
            <NodeIcon node={node} />
            <span>
              <b>
                <bdi>{node.name}</bdi>
              </b>
              <small>
                <bdi>
                  {node.fact
                    ? formatUri(node.fact, NODE_URI_LENGTH)
                    : stateWord(node.state ?? '', trans)}
                </bdi>
              </small>
            </span>
          </button>
        ))}
      </div>
    </div>
  );
}

function NodeIcon(props: { node: ILineageNode }) {
  const { node } = props;
  return node.state === null ? (
    <Icon name={node.column === 'input' ? 'file' : 'layers'} />
  ) : (
    <StateIcon state={node.state} />
  );
}

function curve(start: IPlaced, end: IPlaced): string {
  const [x1, y1] = [start.x + WIDTH, start.y + HEIGHT / 2];
  const [x2, y2] = [end.x, end.y + HEIGHT / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

function List(props: {
  lineage: ILineage;
  onOpen: (node: ILineageNode) => void;
}) {
  const trans = useTrans();
  const words: Readonly<Record<LineageColumn, string>> = {
    input: trans.__('input'),
    run: trans.__('this run'),
    output: trans.__('output'),
    user: trans.__('used by')
  };
  const [all, setAll] = React.useState(false);
  const nodes = props.lineage.nodes.filter(node => node.column !== 'run');
  const shown = all ? nodes : nodes.slice(0, 3 * MOST_DRAWN);
  return (
    <DataTable columns={[trans.__('Role'), trans.__('Name'), trans.__('What')]}>
      {shown.map(node => (
        <tr key={node.id}>
          <td>{words[node.column]}</td>
          <td>
            {node.ref || node.column === 'output' ? (
              <LinkButton
                label={node.name}
                title={
                  node.column === 'input'
                    ? trans.__('Open the run that made it')
                    : undefined
                }
                onClick={() => props.onOpen(node)}
              />
            ) : (
              <bdi>{node.name}</bdi>
            )}
          </td>
          <td title={node.fact}>
            <bdi dir="ltr">{formatUri(node.fact, URI_LENGTH)}</bdi>
          </td>
        </tr>
      ))}
      {nodes.length === 0 && (
        <tr>
          <td colSpan={3} className="jp-mlrun-dim">
            {trans.__('This run took nothing and left nothing.')}
          </td>
        </tr>
      )}
      {shown.length < nodes.length && (
        <tr>
          <td colSpan={3}>
            <Button
              label={trans.__('Show %1 more', nodes.length - shown.length)}
              onClick={() => setAll(true)}
            />
          </td>
        </tr>
      )}
    </DataTable>
  );
}
