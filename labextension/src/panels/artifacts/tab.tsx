import { Clipboard } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';
import { CommandIDs } from '../../commands';
import { ArtifactPreview } from '../../components/artifactPreview';
import { Button, IconButton } from '../../components/button';
import { Code } from '../../components/code';
import { Fact } from '../../components/fact';
import { glyphOf } from '../../components/glyphOf';
import { Icon } from '../../components/icon';
import { openMenu } from '../../components/menu';
import { ISection, ObjectTab } from '../../components/objectTab';
import { useTrans } from '../../components/translation';
import {
  formatFull,
  formatMoment,
  formatSize,
  shortenMiddle,
  shortId
} from '../../format';
import {
  addressOf,
  ArtifactModel,
  groupOf,
  IArtifactVersion,
  nameOf,
  updatedOf
} from '../../models/artifact';
import { factOf } from '../../models/preview';
import { ArtifactLineage } from './lineage';
import { artifactMenu } from './menu';
import { columnsOf, Schema } from './schema';
import { Statistics } from './statistics';
import { Versions } from './versions';

/** What the tab of an artifact works on. */
export interface IArtifactTab {
  model: ArtifactModel;
  versions: IArtifactVersion[];
  commands: CommandRegistry;
  rendermime: IRenderMimeRegistry;
}

/** What the sections of the tab work on: the version that is looked at. */
export interface IArtifactSection extends IArtifactTab {
  shown: IArtifactVersion;
}

/** The tab of an artifact: preview, schema, statistics, versions, metadata, lineage. */
export function ArtifactTab(props: IArtifactTab) {
  const trans = useTrans();
  const { model, versions, commands } = props;
  const shown = model.shownOf(versions);
  const { artifact, tags } = shown;
  const { uid = '' } = artifact.metadata;
  const ref = { ...model.ref, uid };
  const run = (command: string) => void commands.execute(command, { ...ref });
  return (
    <ObjectTab
      icon={<Icon name={glyphOf(artifact)} />}
      name={nameOf(artifact)}
      subtitle={
        <>
          <span>{artifact.kind || trans.__('artifact')}</span>
          <span className="jp-mlrun-mono jp-mlrun-dim" title={uid}>
            {shortId(uid)}
          </span>
          {tags.map(tag => (
            <span key={tag} className="jp-mlrun-tag">
              {tag}
            </span>
          ))}
        </>
      }
      actions={
        <>
          <Button
            primary
            label={trans.__('Insert in a new cell')}
            onClick={() => run(CommandIDs.insertArtifact)}
          />
          <Button
            icon="download"
            label={trans.__('Download')}
            onClick={() => run(CommandIDs.downloadArtifact)}
          />
          <IconButton
            icon="more"
            label={trans.__('More actions')}
            hasPopup
            onClick={event =>
              openMenu(commands, artifactMenu(ref).slice(3), event)
            }
          />
        </>
      }
      facts={<Facts shown={shown} />}
      sections={sectionsOf({ ...props, shown }, trans)}
      section={model.section}
      sectionsLabel={trans.__('Sections of the artifact')}
      onSection={id => (model.section = id)}
    />
  );
}

function Facts({ shown }: { shown: IArtifactVersion }) {
  const trans = useTrans();
  const { artifact, tags } = shown;
  const { size } = artifact.spec;
  const updated = updatedOf(artifact);
  const address = addressOf(artifact, tags);
  const { owner } = artifact.spec.producer ?? {};
  return (
    <>
      {factOf(artifact) && <Fact>{factOf(artifact)}</Fact>}
      {typeof size === 'number' && <Fact>{formatSize(size)}</Fact>}
      {updated > 0 && (
        <Fact icon="clock" title={formatFull(updated)}>
          {formatMoment(updated, Date.now())}
        </Fact>
      )}
      {owner && <Fact>{trans.__('by %1', owner)}</Fact>}
      <span className="jp-mlrun-mono" title={address}>
        <bdi dir="ltr">{shortenMiddle(address, 60)}</bdi>
        <IconButton
          label={trans.__('Copy URI')}
          icon="copy"
          onClick={() => Clipboard.copyToSystem(address)}
        />
      </span>
    </>
  );
}

function sectionsOf(
  props: IArtifactSection,
  trans: ReturnType<typeof useTrans>
): ISection[] {
  const { shown, versions, model, rendermime } = props;
  const { artifact } = shown;
  const typed = ['dataset', 'model'].includes(groupOf(artifact));
  const sections: (ISection | false)[] = [
    {
      id: 'preview',
      label: trans.__('Preview'),
      render: () => (
        <div className="jp-mlrun-large">
          <ArtifactPreview
            artifact={artifact}
            rendermime={rendermime}
            settings={model.service.settings}
          />
        </div>
      )
    },
    typed && {
      id: 'schema',
      label: trans.__('Schema'),
      count: columnsOf(artifact).length || null,
      render: () => <Schema artifact={artifact} />
    },
    typed && {
      id: 'statistics',
      label: trans.__('Statistics'),
      render: () => <Statistics artifact={artifact} />
    },
    {
      id: 'versions',
      label: trans.__('Versions'),
      count: versions.length,
      render: () => <Versions {...props} />
    },
    {
      id: 'metadata',
      label: trans.__('Metadata'),
      render: () => (
        <Code
          text={JSON.stringify(withoutPreview(artifact), null, 2)}
          language="json"
          label={trans.__('Document of the artifact')}
        />
      )
    },
    {
      id: 'lineage',
      label: trans.__('Used by'),
      manual: true,
      render: () => <ArtifactLineage {...props} />
    }
  ];
  return sections.filter((section): section is ISection => section !== false);
}

/** The document without the rows and texts that the preview shows. */
function withoutPreview(artifact: IArtifactVersion['artifact']): object {
  const status = Object.entries(artifact.status ?? {}).filter(
    ([key]) => !key.startsWith('preview')
  );
  return { ...artifact, status: Object.fromEntries(status) };
}
