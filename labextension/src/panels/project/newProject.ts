import { InputDialog, showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { createProject } from '../../api/projects';
import { reasonOf } from '../../api/request';
import type { IMLRunService } from '../../tokens';

/** Ask for a name, make a project of it and show it. */
export async function newProject(
  service: IMLRunService,
  trans: TranslationBundle
): Promise<string | null> {
  const answer = await InputDialog.getText({
    title: trans.__('New project'),
    label: trans.__('Name: small letters, digits and -, at most 63'),
    okLabel: trans.__('Create')
  });
  const name = answer.value?.trim();
  if (!answer.button.accept || !name) {
    return null;
  }
  try {
    await createProject(service.settings, name);
    service.project = name;
    return name;
  } catch (reason) {
    await showErrorMessage(
      trans.__('The project was not made'),
      reasonOf(reason)
    );
    return null;
  }
}
