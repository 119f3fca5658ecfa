import React from 'react';
import { changeProject } from '../../api/projects';
import { reasonOf } from '../../api/request';
import { Button } from '../../components/button';
import { Note } from '../../components/note';
import { useTrans } from '../../components/translation';
import type { IProjectTab } from './tab';

const FIELDS = [
  'description',
  'default_image',
  'artifact_path',
  'source'
] as const;

type Field = (typeof FIELDS)[number];
type Draft = Record<Field, string>;

/** What of a project can be changed by hand. */
export function ProjectSettings({ model, project }: IProjectTab) {
  const trans = useTrans();
  const id = React.useId();
  const held = Object.fromEntries(
    FIELDS.map(field => [field, String(project.spec[field] ?? '')])
  ) as Draft;
  const [typed, setTyped] = React.useState<Partial<Draft>>({});
  const draft: Draft = { ...held, ...typed };
  const [failure, setFailure] = React.useState('');
  const changed = FIELDS.filter(field => draft[field] !== held[field]);
  const words: Record<Field, [string, string]> = {
    description: [trans.__('Description'), ''],
    default_image: [
      trans.__('Default image'),
      trans.__('for runs that name none, where a cluster runs them')
    ],
    artifact_path: [
      trans.__('Artifact path'),
      trans.__('empty: in the data directory of this server')
    ],
    source: [trans.__('Source'), trans.__('where the code of the project is')]
  };
  const save = async () => {
    try {
      setFailure('');
      await model.act(() =>
        changeProject(model.service.settings, model.ref.name, {
          spec: Object.fromEntries(changed.map(field => [field, draft[field]]))
        })
      );
      setTyped({});
    } catch (reason) {
      setFailure(reasonOf(reason));
    }
  };
  return (
    <form
      className="jp-mlrun-settings"
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
    >
      {FIELDS.map(field => (
        <React.Fragment key={field}>
          <label className="jp-mlrun-field" htmlFor={`${id}-${field}`}>
            <span>{words[field][0]}</span>
            <input
              id={`${id}-${field}`}
              type="text"
              value={draft[field]}
              onChange={event =>
                setTyped({ ...typed, [field]: event.target.value })
              }
            />
          </label>
          {words[field][1] && (
            <div className="jp-mlrun-field-hint">{words[field][1]}</div>
          )}
        </React.Fragment>
      ))}
      {failure && <Note kind="error">{failure}</Note>}
      <div className="jp-mlrun-settings-buttons">
        <Button
          primary
          submit
          label={trans.__('Save')}
          disabled={changed.length === 0}
        />
        <Button
          label={trans.__('Take back')}
          disabled={changed.length === 0}
          onClick={() => setTyped({})}
        />
      </div>
    </form>
  );
}
