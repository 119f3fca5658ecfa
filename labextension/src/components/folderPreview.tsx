import React from 'react';
import { IFolderEntry, readArtifactFolder } from '../api/artifacts';
import { reasonOf } from '../api/request';
import { formatSize } from '../format';
import { downloadArtifact } from '../models/download';
import type { IPreviewProps } from './artifactPreview';
import { LinkButton } from './button';
import { DataTable } from './dataTable';
import { Note } from './note';
import { useTrans } from './translation';

/** What lies in a folder: folders open in place, files are downloaded. */
export function FolderPreview({ artifact, settings }: IPreviewProps) {
  const trans = useTrans();
  const { project, uid, hash, key } = artifact.metadata;
  const [path, setPath] = React.useState('');
  const [entries, setEntries] = React.useState<IFolderEntry[] | null>(null);
  const [failure, setFailure] = React.useState<string | null>(null);
  React.useEffect(() => setPath(''), [uid, hash]);
  React.useEffect(() => {
    let current = true;
    setFailure(null);
    if (uid) {
      readArtifactFolder(settings, project, uid, path).then(
        read => current && setEntries(read),
        error => current && setFailure(reasonOf(error))
      );
    }
    return () => {
      current = false;
    };
  }, [settings, project, uid, hash, path]);
  const open = async (entry: IFolderEntry) => {
    const below = path ? `${path}/${entry.name}` : entry.name;
    if (entry.folder) {
      setPath(below);
      return;
    }
    try {
      await downloadArtifact(settings, artifact, below);
    } catch (error) {
      setFailure(reasonOf(error));
    }
  };
  return (
    <>
      {failure !== null && (
        <Note kind="error">
          {trans.__('%1 was not read: %2', key, failure)}
        </Note>
      )}
      {entries && (
        <DataTable
          label={trans.__('Files of %1', path ? `${key}/${path}` : key)}
          columns={[
            trans.__('Name'),
            { label: trans.__('Size'), number: true }
          ]}
        >
          {path !== '' && (
            <tr>
              <td>
                <LinkButton
                  label=".."
                  title={trans.__('Back to the folder above')}
                  onClick={() => setPath(path.replace(/\/?[^/]*$/, ''))}
                />
              </td>
              <td />
            </tr>
          )}
          {entries.map(entry => (
            <tr key={entry.name}>
              <td>
                <LinkButton
                  label={entry.folder ? `${entry.name}/` : entry.name}
                  title={
                    entry.folder
                      ? trans.__('Open %1', entry.name)
                      : trans.__('Download %1', entry.name)
                  }
                  onClick={() => void open(entry)}
                />
              </td>
              <td className="jp-mlrun-num">
                {entry.folder ? '' : formatSize(entry.size)}
              </td>
            </tr>
          ))}
        </DataTable>
      )}
    </>
  );
}
