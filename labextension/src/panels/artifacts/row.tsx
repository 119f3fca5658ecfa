import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { useNow } from '../../components/clock';
import { glyphOf } from '../../components/glyphOf';
import { Icon } from '../../components/icon';
import { NounCells } from '../../components/nounCells';
import { useTrans } from '../../components/translation';
import { formatFull, formatAgo, formatSize } from '../../format';
import { IArtifactRow, updatedOf } from '../../models/artifact';
import { factOf } from '../../models/preview';

/** An artifact in the list: kind, name and one fact, size, when. */
export function ArtifactCells(props: {
  row: IArtifactRow;
  showProject: boolean;
  onInsert: () => void;
  onDownload: () => void;
  onMenu: (event: React.SyntheticEvent) => void;
}) {
  const trans = useTrans();
  const now = useNow();
  const { artifact, name, project } = props.row;
  const updated = updatedOf(artifact);
  const { size } = artifact.spec;
  return (
    <NounCells
      icon={<Icon name={glyphOf(artifact)} />}
      name={name}
      why={factOf(artifact) || artifact.kind}
      project={props.showProject ? project : undefined}
      value={{ text: typeof size === 'number' ? formatSize(size) : '' }}
      time={{
        text: updated ? formatAgo(updated, now) : '',
        title: updated ? formatFull(updated) : undefined
      }}
      actions={[
        {
          icon: 'plus',
          label: trans.__('Insert in a new cell'),
          onClick: props.onInsert
        },
        {
          icon: 'download',
          label: trans.__('Download'),
          onClick: props.onDownload
        }
      ]}
      onMenu={props.onMenu}
    />
  );
}

/** An artifact in a sentence. */
export function describeArtifact(
  { name, kind, artifact }: IArtifactRow,
  trans: TranslationBundle
): string {
  const { size } = artifact.spec;
  return [
    name,
    kind || trans.__('artifact'),
    factOf(artifact),
    typeof size === 'number' ? formatSize(size) : ''
  ]
    .filter((part, index, all) => part && all.indexOf(part) === index)
    .join(', ');
}
