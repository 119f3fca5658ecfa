import type { TranslationBundle } from '@jupyterlab/translation';
import { RequestError } from '../api/request';
import { INamedRef, readSchedule } from '../api/schedules';
import type { IMLRunService } from '../tokens';
import { confirm } from './confirm';

/** Whether the name is free, or the schedule that has it may go. */
export async function mayReplace(
  ref: INamedRef,
  service: IMLRunService,
  trans: TranslationBundle
): Promise<boolean> {
  try {
    await readSchedule(service.settings, ref);
  } catch (reason) {
    if (reason instanceof RequestError && reason.status === 404) {
      return true;
    }
    throw reason;
  }
  return confirm({
    title: trans.__('Replace schedule %1?', ref.name),
    body: trans.__(
      'There is a schedule of this name: its times and what it runs are replaced.'
    ),
    keep: trans.__('Keep it'),
    act: trans.__('Replace')
  });
}
