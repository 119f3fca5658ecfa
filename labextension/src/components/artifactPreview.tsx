import { IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import type { ServerConnection } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import React from 'react';
import { readArtifactBytes } from '../api/artifacts';
import type { IArtifact, Json } from '../api/documents';
import { reasonOf } from '../api/request';
import { Button } from './button';
import { Caged } from './caged';
import { Code } from './code';
import { FolderPreview } from './folderPreview';
import { KeyValues } from './keyValues';
import { Note } from './note';
import { useTrans } from './translation';
import { formatParameter, formatResult, formatSize } from '../format';
import { LARGE, Preview, previewOf } from '../models/preview';
import { TablePreview } from './tablePreview';

/** What a preview needs. */
export interface IPreviewProps {
  artifact: IArtifact;
  rendermime: IRenderMimeRegistry;
  settings: ServerConnection.ISettings;
}

/** An artifact as it looks. */
export function ArtifactPreview(props: IPreviewProps) {
  const trans = useTrans();
  const preview = React.useMemo(
    () => previewOf(props.artifact),
    [props.artifact]
  );
  switch (preview.kind) {
    case 'table':
      return <TablePreview {...props} preview={preview} />;
    case 'model':
      return <ModelPreview artifact={props.artifact} />;
    case 'folder':
      return <FolderPreview {...props} />;
    case 'mime':
      return <MimePreview {...props} preview={preview} />;
    case 'none':
      return (
        <div className="jp-mlrun-quiet">
          {trans.__(
            'There is no preview for this kind of file. Download it to look inside.'
          )}
        </div>
      );
    default:
      return <BytesPreview {...props} preview={preview} />;
  }
}

function MimePreview(
  props: IPreviewProps & { preview: Preview & { kind: 'mime' } }
) {
  const trans = useTrans();
  const { rendermime, preview } = props;
  const mime = rendermime.preferredMimeType(
    preview.data as JSONObject,
    'ensure'
  );
  if (mime) {
    return (
      <Rendered rendermime={rendermime} mime={mime} data={preview.data[mime]} />
    );
  }
  return preview.fallback ? (
    <BytesPreview {...props} preview={{ kind: 'html' }} />
  ) : (
    <div className="jp-mlrun-quiet">
      {trans.__(
        'No renderer for %1 is installed. Install its extension, or download the file.',
        Object.keys(preview.data).join(', ')
      )}
    </div>
  );
}

function useBytes(props: IPreviewProps, wanted: boolean) {
  const { settings, artifact } = props;
  const [bytes, setBytes] = React.useState<ArrayBuffer | null>(null);
  const [failure, setFailure] = React.useState<string | null>(null);
  const { project, uid, hash } = artifact.metadata;
  React.useEffect(() => {
    let current = true;
    setBytes(null);
    setFailure(null);
    if (wanted && uid) {
      readArtifactBytes(settings, project, uid)
        .then(answer => answer.arrayBuffer())
        .then(
          read => current && setBytes(read),
          error => current && setFailure(reasonOf(error))
        );
    }
    return () => {
      current = false;
    };
  }, [settings, project, uid, hash, wanted]);
  return { bytes, failure };
}

function BytesPreview(
  props: IPreviewProps & {
    preview: Preview & {
      kind: 'mimeBytes' | 'image' | 'html' | 'json' | 'text';
    };
  }
) {
  const trans = useTrans();
  const { artifact, preview } = props;
  const size = artifact.spec.size ?? 0;
  const [asked, setAsked] = React.useState(false);
  const kept = 'text' in preview ? preview.text : null;
  const wanted = kept === null && (asked || size <= LARGE);
  const { bytes, failure } = useBytes(props, wanted);
  if (kept === null && !wanted) {
    return (
      <div className="jp-mlrun-quiet">
        {trans.__('%1 is %2.', artifact.metadata.key, formatSize(size))}{' '}
        <Button
          label={trans.__('Load anyway')}
          onClick={() => setAsked(true)}
        />
      </div>
    );
  }
  if (failure) {
    return (
      <Note kind="error">
        {trans.__('%1 was not read: %2', artifact.metadata.key, failure)}
      </Note>
    );
  }
  if (kept === null && !bytes) {
    return <div className="jp-mlrun-preview-loading" aria-busy="true" />;
  }
  return <Shown {...props} text={kept} bytes={bytes ?? new ArrayBuffer(0)} />;
}

function Shown(
  props: IPreviewProps & {
    preview: Preview;
    text: string | null;
    bytes: ArrayBuffer;
  }
) {
  const { preview, bytes, rendermime, artifact } = props;
  const name = artifact.metadata.key;
  const text = props.text ?? new TextDecoder().decode(bytes);
  switch (preview.kind) {
    case 'image':
      return <Picture bytes={bytes} mime={preview.mime} name={name} />;
    case 'html':
      return <Caged html={text} title={name} />;
    case 'mimeBytes': {
      const bundle = { [preview.mime]: {} };
      return rendermime.preferredMimeType(bundle, 'ensure') ? (
        <Rendered
          rendermime={rendermime}
          mime={preview.mime}
          data={parsed(text)}
        />
      ) : (
        <Code text={indented(text)} language="json" label={name} />
      );
    }
    case 'json':
      return <Code text={indented(text)} language="json" label={name} />;
    default:
      return <Code text={text} language={languageOf(artifact)} label={name} />;
  }
}

function languageOf(artifact: IArtifact): string {
  const format = artifact.spec.format ?? '';
  return { py: 'python', md: 'markdown', yml: 'yaml' }[format] ?? format;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // what is not JSON is shown as the text it is
    return text;
  }
}

function indented(text: string): string {
  const value = parsed(text);
  return typeof value === 'string' ? text : JSON.stringify(value, null, 2);
}

function Picture(props: { bytes: ArrayBuffer; mime: string; name: string }) {
  const { bytes, mime, name } = props;
  const trans = useTrans();
  const [address, setAddress] = React.useState<string>();
  const [broken, setBroken] = React.useState(false);
  React.useEffect(() => {
    setBroken(false);
    const made = URL.createObjectURL(new Blob([bytes], { type: mime }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, mime]);
  if (broken) {
    return (
      <Note kind="error">
        {trans.__(
          '%1 is no picture that can be drawn. Download it to look inside.',
          name
        )}
      </Note>
    );
  }
  return address ? (
    <img
      className="jp-mlrun-picture"
      src={address}
      alt={name}
      onError={() => setBroken(true)}
    />
  ) : null;
}

/** Data drawn by the renderer that is installed for its type. */
function Rendered(props: {
  rendermime: IRenderMimeRegistry;
  mime: string;
  data: Json;
}) {
  const { rendermime, mime, data } = props;
  const place = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    const host = place.current;
    if (!host) {
      return;
    }
    const renderer = rendermime.createRenderer(mime);
    const bundle = { [mime]: data } as JSONObject;
    MessageLoop.sendMessage(renderer, Widget.Msg.BeforeAttach);
    host.appendChild(renderer.node);
    MessageLoop.sendMessage(renderer, Widget.Msg.AfterAttach);
    void renderer.renderModel(new MimeModel({ data: bundle, trusted: false }));
    return () => {
      MessageLoop.sendMessage(renderer, Widget.Msg.BeforeDetach);
      renderer.node.remove();
      MessageLoop.sendMessage(renderer, Widget.Msg.AfterDetach);
      renderer.dispose();
    };
  }, [rendermime, mime, data]);
  return <div ref={place} className="jp-mlrun-rendered" data-mime={mime} />;
}

/** A model in words: what made it, what it takes and gives, how good it is. */
function ModelPreview(props: { artifact: IArtifact }) {
  const trans = useTrans();
  const { spec, status } = props.artifact;
  const features = (value: unknown) =>
    (Array.isArray(value) ? value : [])
      .map((item: unknown) =>
        typeof item === 'object' && item !== null && 'name' in item
          ? String(item.name)
          : String(item)
      )
      .join(', ');
  const facts: [string, unknown][] = [
    [trans.__('framework'), spec.framework],
    [trans.__('algorithm'), spec.algorithm],
    [trans.__('file'), spec.model_file],
    [trans.__('inputs'), features(spec.inputs)],
    [trans.__('outputs'), features(spec.outputs)],
    [trans.__('label column'), spec.label_column]
  ];
  const items = facts
    .filter(([, value]) => typeof value === 'string' && value !== '')
    .map(([key, value]) => ({
      key,
      value: String(value),
      title: String(value)
    }));
  const metrics = Object.entries((spec.metrics ?? {}) as Record<string, Json>);
  const parameters = Object.entries(
    (spec.parameters ?? {}) as Record<string, Json>
  );
  return (
    <div className="jp-mlrun-model">
      <KeyValues items={items} label={trans.__('Model')} />
      {metrics.length > 0 && (
        <>
          <h3>{trans.__('Metrics')}</h3>
          <KeyValues
            items={metrics.map(([key, value]) => ({
              key,
              value: formatResult(value)
            }))}
          />
        </>
      )}
      {parameters.length > 0 && (
        <>
          <h3>{trans.__('Parameters')}</h3>
          <KeyValues
            items={parameters.map(([key, value]) => ({
              key,
              value: formatParameter(value)
            }))}
          />
        </>
      )}
      {status?.preview_text && (
        <Code text={status.preview_text} label={trans.__('Summary')} />
      )}
    </div>
  );
}
