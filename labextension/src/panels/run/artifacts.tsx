import { Clipboard } from '@jupyterlab/apputils';
import React from 'react';
import type { IArtifact } from '../../api/documents';
import { reasonOf } from '../../api/request';
import { CommandIDs } from '../../commands';
import { IconButton, LinkButton } from '../../components/button';
import { Empty } from '../../components/empty';
import { glyphOf } from '../../components/glyphOf';
import { Icon } from '../../components/icon';
import { Note } from '../../components/note';
import { useTrans } from '../../components/translation';
import { formatSize } from '../../format';
import { nameOf } from '../../models/artifact';
import { downloadArtifact } from '../../models/download';
import { factOf, isPicture, previewOf, uriOf } from '../../models/preview';
import { ArtifactPreview } from '../../components/artifactPreview';
import type { IRunTabProps } from './props';

const SHOWN_PICTURES = 3;
const LINE = '%%mlrun train -o model -o df:dataset';

function OpenLarge(props: IRunTabProps & { artifact: IArtifact }) {
  const trans = useTrans();
  const { commands, artifact } = props;
  const { key, project, uid } = artifact.metadata;
  return commands.hasCommand(CommandIDs.openArtifact) ? (
    <IconButton
      label={trans.__('Open %1 large', key)}
      icon="open"
      onClick={() =>
        void commands.execute(CommandIDs.openArtifact, {
          project,
          name: nameOf(artifact),
          ...(uid ? { uid } : {}),
          section: 'preview'
        })
      }
    />
  ) : null;
}

/** The run's pictures small, then a row for everything else. */
export function ArtifactOverview(props: IRunTabProps) {
  const trans = useTrans();
  const { model } = props;
  const pictures = model.artifacts
    .filter(artifact => isPicture(previewOf(artifact)))
    .slice(0, SHOWN_PICTURES);
  const rows = model.artifacts.filter(artifact => !pictures.includes(artifact));
  if (model.artifacts.length === 0) {
    return null;
  }
  return (
    <>
      <h2>
        {trans.__('Artifacts')} <i>{model.artifacts.length}</i>
      </h2>
      <div className="jp-mlrun-thumbs">
        {pictures.map(artifact => (
          <figure key={artifact.metadata.uid ?? artifact.metadata.key}>
            <div>
              <ArtifactPreview
                artifact={artifact}
                rendermime={props.rendermime}
                settings={model.service.settings}
              />
            </div>
            <figcaption>
              <Icon name="plot" />
              <LinkButton
                label={artifact.metadata.key}
                title={artifact.metadata.key}
                onClick={() => (model.section = 'artifacts')}
              />
              <span className="jp-mlrun-grow" />
              <span className="jp-mlrun-dim">{sizeOf(artifact)}</span>
              <OpenLarge {...props} artifact={artifact} />
            </figcaption>
          </figure>
        ))}
      </div>
      <ul className="jp-mlrun-artifactRows">
        {rows.map(artifact => (
          <li key={artifact.metadata.uid ?? artifact.metadata.key}>
            <Icon name={glyphOf(artifact)} />
            <LinkButton
              label={artifact.metadata.key}
              title={artifact.metadata.key}
              onClick={() => (model.section = 'artifacts')}
            />
            <span
              className="jp-mlrun-dim jp-mlrun-ellipsis"
              title={factOf(artifact)}
            >
              <bdi>{factOf(artifact)}</bdi>
            </span>
            <span className="jp-mlrun-num">{sizeOf(artifact)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function sizeOf(artifact: IArtifact): string {
  return artifact.spec.size === undefined || artifact.spec.size === null
    ? ''
    : formatSize(artifact.spec.size);
}

/** Everything the run kept, each with its preview. */
export function Artifacts(props: IRunTabProps) {
  const trans = useTrans();
  const { artifacts, artifactsFailure } = props.model;
  if (artifactsFailure) {
    return (
      <Note
        kind="error"
        actions={[
          {
            label: trans.__('Try again'),
            onClick: () => void props.model.readArtifacts()
          }
        ]}
      >
        {trans.__('The artifacts were not read: %1', artifactsFailure)}
      </Note>
    );
  }
  if (artifacts.length === 0) {
    return (
      <Empty line={LINE}>
        {trans.__('This run has stored nothing. Keep a variable of a run:')}
      </Empty>
    );
  }
  return (
    <div className="jp-mlrun-artifacts">
      {artifacts.map(artifact => (
        <ArtifactBlock
          key={artifact.metadata.uid ?? artifact.metadata.key}
          {...props}
          artifact={artifact}
        />
      ))}
    </div>
  );
}

function ArtifactBlock(props: IRunTabProps & { artifact: IArtifact }) {
  const trans = useTrans();
  const { artifact, model } = props;
  const { key, iter, tag } = artifact.metadata;
  const kind = `${artifact.kind ?? ''} ${factOf(artifact)}`.trim();
  const [open, setOpen] = React.useState(true);
  const [failure, setFailure] = React.useState<string | null>(null);
  const { settings } = model.service;
  const download = () =>
    downloadArtifact(settings, artifact).then(
      () => setFailure(null),
      error => setFailure(reasonOf(error))
    );
  return (
    <section className="jp-mlrun-artifact" aria-label={key}>
      <header>
        <IconButton
          label={open ? trans.__('Fold %1', key) : trans.__('Unfold %1', key)}
          icon={open ? 'caretDown' : 'caretRight'}
          onClick={() => setOpen(!open)}
        />
        <Icon name={glyphOf(artifact)} />
        <b className="jp-mlrun-ellipsis" title={key}>
          <bdi>{key}</bdi>
        </b>
        {tag && <span className="jp-mlrun-dim">:{tag}</span>}
        {iter ? (
          <span className="jp-mlrun-dim">{trans.__('iteration %1', iter)}</span>
        ) : null}
        <span className="jp-mlrun-dim jp-mlrun-ellipsis" title={kind}>
          <bdi>{kind}</bdi>
        </span>
        <span className="jp-mlrun-grow" />
        <span className="jp-mlrun-num">{sizeOf(artifact)}</span>
        <OpenLarge {...props} artifact={artifact} />
        <IconButton
          label={trans.__('Copy URI of %1', key)}
          icon="copy"
          onClick={() => Clipboard.copyToSystem(uriOf(artifact))}
        />
        <IconButton
          label={trans.__('Download %1', key)}
          icon="download"
          onClick={() => void download()}
        />
      </header>
      {failure && (
        <Note kind="error">
          {trans.__('%1 was not read: %2', key, failure)}
        </Note>
      )}
      {open && (
        <ArtifactPreview
          artifact={artifact}
          rendermime={props.rendermime}
          settings={settings}
        />
      )}
    </section>
  );
}
