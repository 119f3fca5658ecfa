import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { IconButton } from '../../components/button';
import { useNow } from '../../components/clock';
import { glyphOf } from '../../components/glyphOf';
import { Icon } from '../../components/icon';
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
    <>
      <span role="gridcell" className="jp-mlrun-runs-icon">
        <Icon name={glyphOf(artifact)} />
      </span>
      <span role="gridcell" className="jp-mlrun-runs-name" title={name}>
        <bdi>{name}</bdi>
        <span className="jp-mlrun-dim jp-mlrun-runs-why">
          <bdi>{factOf(artifact) || artifact.kind}</bdi>
        </span>
        {props.showProject && (
          <span className="jp-mlrun-dim jp-mlrun-runs-why">
            <bdi>{project}</bdi>
          </span>
        )}
      </span>
      <span role="gridcell" className="jp-mlrun-runs-value">
        <bdi dir="ltr">{typeof size === 'number' ? formatSize(size) : ''}</bdi>
      </span>
      <span
        role="gridcell"
        className="jp-mlrun-runs-time"
        title={updated ? formatFull(updated) : undefined}
      >
        <bdi dir="ltr">{updated ? formatAgo(updated, now) : ''}</bdi>
      </span>
      <span role="gridcell" className="jp-mlrun-runs-actions">
        <IconButton
          icon="plus"
          label={trans.__('Insert in a new cell')}
          tabIndex={-1}
          onClick={props.onInsert}
        />
        <IconButton
          icon="download"
          label={trans.__('Download')}
          tabIndex={-1}
          onClick={props.onDownload}
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
