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

interface IFolder {
  path: string;
  entries: IFolderEntry[];
}

/** What lies in a folder: folders open in place, files are downloaded. */
export function FolderPreview({ artifact, settings }: IPreviewProps) {
  const trans = useTrans();
  const { project, uid, hash, key } = artifact.metadata;
  const [path, setPath] = React.useState('');
  // what is shown is that of one folder, whatever was asked for since
  const [shown, setShown] = React.useState<IFolder | null>(null);
  const [failure, setFailure] = React.useState<string | null>(null);
  React.useEffect(() => setPath(''), [uid, hash]);
  React.useEffect(() => {
    let current = true;
    setFailure(null);
    if (uid) {
      readArtifactFolder(settings, project, uid, path).then(
        entries => current && setShown({ path, entries }),
        error => current && setFailure(reasonOf(error))
      );
    }
    return () => {
      current = false;
    };
  }, [settings, project, uid, hash, path]);
  const open = async (folder: string, entry: IFolderEntry) => {
    const below = folder ? `${folder}/${entry.name}` : entry.name;
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
      {shown && (
        <DataTable
          label={trans.__(
            'Files of %1',
            shown.path ? `${key}/${shown.path}` : key
          )}
          columns={[
            trans.__('Name'),
            { label: trans.__('Size'), number: true }
          ]}
        >
          {shown.path !== '' && (
            <tr>
              <td>
                <LinkButton
                  label=".."
                  title={trans.__('Back to the folder above')}
                  onClick={() => setPath(shown.path.replace(/\/?[^/]*$/, ''))}
                />
              </td>
              <td />
            </tr>
          )}
          {shown.entries.map(entry => (
            <tr key={entry.name}>
              <td>
                <LinkButton
                  label={entry.folder ? `${entry.name}/` : entry.name}
                  title={
                    entry.folder
                      ? trans.__('Open %1', entry.name)
                      : trans.__('Download %1', entry.name)
                  }
                  onClick={() => void open(shown.path, entry)}
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
