import React from 'react';
import type { IArtifact } from '../../api/documents';
import { DataTable } from '../../components/dataTable';
import { Empty } from '../../components/empty';
import { useTrans } from '../../components/translation';

/** A column of a table, or an input or output of a model. */
export interface IColumnFact {
  name: string;
  type: string;
  role: 'column' | 'input' | 'output';
}

/** What an artifact says of its columns, or of what its model takes and gives. */
export function columnsOf(artifact: IArtifact): IColumnFact[] {
  const { schema, header, inputs, outputs } = artifact.spec;
  if (artifact.kind === 'model') {
    return [...featuresOf(inputs, 'input'), ...featuresOf(outputs, 'output')];
  }
  return schema?.fields
    ? schema.fields.map(({ name, type = '' }) => ({
        name,
        type,
        role: 'column'
      }))
    : (header ?? []).map(name => ({
        name: String(name),
        type: '',
        role: 'column'
      }));
}

function featuresOf(value: unknown, role: 'input' | 'output'): IColumnFact[] {
  return (Array.isArray(value) ? (value as unknown[]) : []).map(feature => {
    const { name, value_type: type } = Object(feature) as {
      name?: string;
      value_type?: string;
    };
    return { name: name ?? String(feature), type: type ?? '', role };
  });
}

/** Columns with their types; inputs and outputs of a model. */
export function Schema({ artifact }: { artifact: IArtifact }) {
  const trans = useTrans();
  const columns = columnsOf(artifact);
  if (columns.length === 0) {
    return (
      <Empty>
        {artifact.kind === 'model'
          ? trans.__('It is not recorded what the model takes and gives.')
          : trans.__('Its columns are not recorded.')}
      </Empty>
    );
  }
  const words = {
    column: trans.__('column'),
    input: trans.__('input'),
    output: trans.__('output')
  };
  return (
    <DataTable
      label={trans.__('Schema')}
      columns={[trans.__('Name'), trans.__('Type'), trans.__('Role')]}
    >
      {columns.map(({ name, type, role }, index) => (
        <tr key={index}>
          <td>
            <bdi>{name}</bdi>
          </td>
          <td className="jp-mlrun-mono jp-mlrun-dim">{type}</td>
          <td>{words[role]}</td>
        </tr>
      ))}
    </DataTable>
  );
}
