import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import React from 'react';
import { countArtifacts } from '../../api/artifacts';
import { ARTIFACT_ARGS, artifactOfArgs, CommandIDs } from '../../commands';
import { addSection } from '../../components/addSection';
import { HighlighterProvider } from '../../components/code';
import { glyphOf } from '../../components/glyphOf';
import { glyphIcon } from '../../components/icons';
import { openMenu } from '../../components/menu';
import { NounSection } from '../../components/nounSection';
import { addObjectTabs } from '../../components/objectTabs';
import {
  ArtifactModel,
  IArtifactRow,
  IArtifactVersion,
  loadingLines,
  readArtifactRows
} from '../../models/artifact';
import { highlighterOf } from '../../models/highlight';
import { NounList } from '../../models/nounList';
import { DOMAIN, IMLRunPanel, IMLRunService } from '../../tokens';
import { addArtifactCommands, IArtifactContext } from './commands';
import { ARTIFACT_KEYS, artifactMenu } from './menu';
import { ArtifactCells, describeArtifact } from './row';
import { ArtifactTab } from './tab';

const LINE = '%%mlrun train -o model -o df:dataset';

/** The section of what runs have kept, and the tabs of artifacts. */
export const artifactsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:artifacts',
  description: 'Artifacts in the MLRun panel, and their tabs.',
  autoStart: true,
  requires: [IMLRunService, IMLRunPanel, IRenderMimeRegistry],
  optional: [ITranslator, ILayoutRestorer, IEditorLanguageRegistry],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    panel: IMLRunPanel,
    rendermime: IRenderMimeRegistry,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    languages: IEditorLanguageRegistry | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const list = new NounList<IArtifactRow>(service, {
      read: readArtifactRows,
      count: countArtifacts,
      events: ['artifact']
    });
    const context = { app, service, list, trans };
    addArtifactCommands(context);
    addList(context, panel);
    const highlight = highlighterOf(languages);
    addObjectTabs<IArtifactVersion[], ArtifactModel>({
      app,
      restorer,
      trans,
      command: CommandIDs.openArtifact,
      label: trans.__('Open Artifact'),
      namespace: 'jupyter-mlrun-artifact',
      describedBy: ARTIFACT_ARGS,
      refOf: args => {
        const ref = artifactOfArgs(args);
        return ref && { project: ref.project, name: ref.name };
      },
      opened: (model, args) => {
        const uid = artifactOfArgs(args)?.uid;
        if (uid) {
          model.chosen = uid;
        }
      },
      kept: ({ chosen }): Record<string, string> =>
        chosen ? { uid: chosen } : {},
      make: ref => new ArtifactModel(service, ref),
      view: (model, versions) => (
        <HighlighterProvider value={highlight}>
          <ArtifactTab
            model={model}
            versions={versions}
            commands={app.commands}
            rendermime={rendermime}
          />
        </HighlighterProvider>
      ),
      icon: versions =>
        glyphIcon(versions?.length ? glyphOf(versions[0].artifact) : 'file'),
      gone: trans.__('This artifact is not there any more.')
    });
  }
};

function addList(
  { app, service, list, trans }: IArtifactContext,
  panel: IMLRunPanel
): void {
  const { commands } = app;
  const run = (command: string, { project, name }: IArtifactRow) =>
    void commands.execute(command, { project, name });
  const body = new NounSection<IArtifactRow>({
    list,
    panel,
    commands,
    trans,
    label: trans.__('Artifacts'),
    chips: [
      { state: 'model', label: trans.__('Models') },
      { state: 'dataset', label: trans.__('Datasets') },
      { state: 'plot', label: trans.__('Plots') },
      { state: 'file', label: trans.__('Files') }
    ],
    empty: {
      text: trans.__('Nothing is stored yet. Keep a variable of a run:'),
      line: LINE
    },
    describe: row => describeArtifact(row, trans),
    cells: row => (
      <ArtifactCells
        row={row}
        showProject={service.project === null}
        onInsert={() => run(CommandIDs.insertArtifact, row)}
        onDownload={() => run(CommandIDs.downloadArtifact, row)}
        onMenu={event => openMenu(commands, artifactMenu(row), event)}
      />
    ),
    open: CommandIDs.openArtifact,
    menu: artifactMenu,
    keys: ARTIFACT_KEYS,
    dragText: ({ artifact }) =>
      loadingLines(
        artifact,
        artifact.metadata.tag ? [artifact.metadata.tag] : []
      )
  });
  addSection({
    panel,
    id: 'jupyter-mlrun-artifacts',
    title: trans.__('Artifacts'),
    rank: 20,
    list,
    body,
    trans,
    attention: () => null
  });
}
