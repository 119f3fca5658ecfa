import React from 'react';
import { tagArtifact } from '../../api/artifacts';
import type { IArtifact } from '../../api/documents';
import { reasonOf } from '../../api/request';
import { CommandIDs } from '../../commands';
import { LinkButton } from '../../components/button';
import { DataTable } from '../../components/dataTable';
import { Note } from '../../components/note';
import { Tags } from '../../components/tags';
import { useTrans } from '../../components/translation';
import { formatFull, formatMoment, formatSize, shortId } from '../../format';
import { IArtifactVersion, makerOf, updatedOf } from '../../models/artifact';
import type { IArtifactSection } from './tab';

/** The versions of an artifact; one of them is looked at, each can be tagged. */
export function Versions(props: IArtifactSection) {
  const trans = useTrans();
  const { versions, model } = props;
  const [failure, setFailure] = React.useState('');
  const tag = async (artifact: IArtifact, name: string, has: boolean) => {
    setFailure('');
    try {
      await model.act(() =>
        tagArtifact(model.service.settings, artifact, name, has)
      );
    } catch (reason) {
      setFailure(trans.__('The tag was not changed: %1', reasonOf(reason)));
    }
  };
  return (
    <>
      {failure && <Note kind="error">{failure}</Note>}
      <DataTable
        label={trans.__('Versions of the artifact')}
        columns={[
          trans.__('Version'),
          trans.__('Tags'),
          trans.__('Saved'),
          trans.__('From'),
          { label: trans.__('Size'), number: true }
        ]}
      >
        {versions.map(version => (
          <Version
            key={version.artifact.metadata.uid}
            {...props}
            version={version}
            onTag={tag}
          />
        ))}
      </DataTable>
    </>
  );
}

function Version(
  props: IArtifactSection & {
    version: IArtifactVersion;
    onTag: (artifact: IArtifact, name: string, has: boolean) => Promise<void>;
  }
) {
  const trans = useTrans();
  const { model, version, shown, commands } = props;
  const { artifact, tags } = version;
  const { uid = '', iter } = artifact.metadata;
  const { size, producer } = artifact.spec;
  const updated = updatedOf(artifact);
  const maker = makerOf(artifact);
  const isShown = version === shown;
  return (
    <tr className={isShown ? 'jp-mod-selected' : ''} aria-current={isShown}>
      <td>
        <span className="jp-mlrun-mono">
          <LinkButton
            label={shortId(uid)}
            title={trans.__('Look at version %1', uid)}
            onClick={() => {
              model.chosen = uid;
            }}
          />
        </span>{' '}
        {iter ? (
          <span className="jp-mlrun-dim">{trans.__('iteration %1', iter)}</span>
        ) : null}
      </td>
      <td>
        <Tags
          tags={tags}
          label={trans.__('Tags of version %1', shortId(uid))}
          onAdd={name => props.onTag(artifact, name, true)}
          onRemove={name => props.onTag(artifact, name, false)}
        />
      </td>
      <td title={updated ? formatFull(updated) : undefined}>
        {updated ? formatMoment(updated, Date.now()) : ''}
      </td>
      <td>
        {maker ? (
          <LinkButton
            label={producer?.name ?? shortId(maker.uid)}
            title={trans.__('Open the run that made it')}
            onClick={() =>
              void commands.execute(CommandIDs.openRun, { ...maker })
            }
          />
        ) : (
          <span className="jp-mlrun-dim">{producer?.kind ?? ''}</span>
        )}
      </td>
      <td className="jp-mlrun-num">
        {typeof size === 'number' ? formatSize(size) : ''}
      </td>
    </tr>
  );
}
