import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { deleteArtifact } from '../../api/artifacts';
import { reasonOf } from '../../api/request';
import type { INamedRef } from '../../api/schedules';
import { ARTIFACT_ARGS, artifactOfArgs, CommandIDs } from '../../commands';
import { confirm } from '../../components/confirm';
import { glyphIcon, GlyphName } from '../../components/icons';
import { actLater } from '../../components/undo';
import {
  addressOf,
  IArtifactRow,
  IArtifactVersion,
  loadingLines,
  readArtifactVersions
} from '../../models/artifact';
import { downloadArtifact } from '../../models/download';
import type { NounList } from '../../models/nounList';
import type { IMLRunService } from '../../tokens';

/** What the commands about artifacts work with. */
export interface IArtifactContext {
  app: JupyterFrontEnd;
  service: IMLRunService;
  list: NounList<IArtifactRow>;
  trans: TranslationBundle;
}

type VersionRef = INamedRef & { uid?: string };

/** Commands about an artifact: each says why it was refused. */
export function addArtifactCommands(context: IArtifactContext): void {
  const { app, service, trans } = context;
  const add = (
    id: string,
    label: string,
    icon: GlyphName,
    act: (version: IArtifactVersion) => unknown
  ) =>
    app.commands.addCommand(id, {
      label,
      icon: glyphIcon(icon),
      describedBy: ARTIFACT_ARGS,
      isEnabled: args => artifactOfArgs(args) !== null,
      execute: async args => {
        const ref = artifactOfArgs(args);
        try {
          if (ref) {
            await act(await readVersion(service, ref));
          }
        } catch (reason) {
          Notification.error(`${label}: ${reasonOf(reason)}`, {
            autoClose: false
          });
        }
      }
    });
  add(
    CommandIDs.insertArtifact,
    trans.__('Insert in a New Cell'),
    'plus',
    ({ artifact, tags }) => insert(context, loadingLines(artifact, tags))
  );
  add(
    CommandIDs.downloadArtifact,
    trans.__('Download'),
    'download',
    ({ artifact }) => downloadArtifact(service.settings, artifact)
  );
  add(
    CommandIDs.copyArtifactUri,
    trans.__('Copy URI'),
    'copy',
    ({ artifact, tags }) => Clipboard.copyToSystem(addressOf(artifact, tags))
  );
  addDelete(context);
}

/** The version that a reference means: the newest, unless one is named. */
async function readVersion(
  service: IMLRunService,
  { uid, ...ref }: VersionRef
): Promise<IArtifactVersion> {
  const versions = await readArtifactVersions(service.settings, ref);
  const found = uid
    ? versions.find(({ artifact }) => artifact.metadata.uid === uid)
    : versions[0];
  if (!found) {
    throw new Error(`${ref.name} has no version ${uid}`);
  }
  return found;
}

function insert({ app, trans }: IArtifactContext, source: string): void {
  const { commands } = app;
  if (
    commands.hasCommand(CommandIDs.insertCell) &&
    commands.isEnabled(CommandIDs.insertCell)
  ) {
    void commands.execute(CommandIDs.insertCell, { source });
    return;
  }
  Clipboard.copyToSystem(source);
  Notification.info(
    trans.__('No notebook is open: the lines are on the clipboard.'),
    { autoClose: 5000 }
  );
}

function addDelete(context: IArtifactContext): void {
  const { app, service, list, trans } = context;
  app.commands.addCommand(CommandIDs.deleteArtifact, {
    label: args =>
      args.data === true
        ? trans.__('Delete with Its Files…')
        : args.uid
          ? trans.__('Delete This Version')
          : trans.__('Delete'),
    icon: glyphIcon('trash'),
    describedBy: ARTIFACT_ARGS,
    isEnabled: args => artifactOfArgs(args) !== null,
    execute: async args => {
      const ref = artifactOfArgs(args);
      const data = args.data === true;
      if (!ref || (data && !(await isMeant(ref, trans)))) {
        return;
      }
      await actLater(
        {
          message: ref.uid
            ? trans.__('A version of %1 is deleted.', ref.name)
            : data
              ? trans.__('%1 is deleted with its files.', ref.name)
              : trans.__('%1 is deleted. Its files are kept.', ref.name),
          refused: trans.__('%1 was not deleted', ref.name),
          act: () =>
            deleteArtifact(service.settings, ref, { uid: ref.uid, data }),
          pending: pending => {
            if (!ref.uid) {
              list.setLeaving(ref, pending);
            }
          }
        },
        trans
      );
      await list.reload();
    }
  });
}

function isMeant(ref: VersionRef, trans: TranslationBundle): Promise<boolean> {
  return confirm({
    title: ref.uid
      ? trans.__('Delete this version of %1 with its files?', ref.name)
      : trans.__('Delete all versions of %1 with their files?', ref.name),
    body: trans.__(
      'What is stored there is lost. Runs that made or used it stay, and name what is not there any more.'
    ),
    keep: trans.__('Keep it'),
    act: trans.__('Delete')
  });
}
