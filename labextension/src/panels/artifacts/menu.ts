import { CommandIDs } from '../../commands';
import type { MenuEntry } from '../../components/menu';

/** What keys do to an artifact in its list. */
export const ARTIFACT_KEYS = {
  i: () => CommandIDs.insertArtifact,
  y: () => CommandIDs.copyArtifactUri,
  Delete: () => CommandIDs.deleteArtifact
};

/** The menu of an artifact, or of one version of it. */
export function artifactMenu(ref: {
  project: string;
  name: string;
  uid?: string;
}): MenuEntry[] {
  const { project, name, uid } = ref;
  const args: Record<string, string> = uid
    ? { project, name, uid }
    : { project, name };
  return [
    { command: CommandIDs.openArtifact, args },
    { command: CommandIDs.insertArtifact, args },
    { command: CommandIDs.downloadArtifact, args },
    { command: CommandIDs.copyArtifactUri, args },
    'separator',
    { command: CommandIDs.deleteArtifact, args },
    { command: CommandIDs.deleteArtifact, args: { ...args, data: true } }
  ];
}
