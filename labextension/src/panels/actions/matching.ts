import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IBackgroundTask } from '../../api/backgroundTasks';
import type { IMatching } from '../../api/documents';
import { listProjects } from '../../api/projects';
import { reasonOf } from '../../api/request';
import { changeMatching } from '../../api/runs';
import { followTask } from '../../models/backgroundTask';
import { UNDO_MS } from '../../models/deletions';
import { formatCount } from '../../format';
import type { IMLRunService } from '../../tokens';

/** What is done to all runs that match a filter. */
export type BulkAction = 'delete' | 'abort';

/** Ask, wait while it can be taken back, then delete or stop all runs that match. */
export async function changeAll(
  action: BulkAction,
  matching: IMatching,
  service: IMLRunService,
  trans: TranslationBundle
): Promise<void> {
  const count = matching.count - matching.except.length;
  if (!(await isMeant(action, count, trans))) {
    return;
  }
  let left = false;
  const id = Notification.emit(
    action === 'delete'
      ? trans.__('%1 runs will be deleted.', formatCount(count))
      : trans.__('%1 runs will be stopped.', formatCount(count)),
    'in-progress',
    {
      autoClose: false,
      actions: [{ label: trans.__('Undo'), callback: () => (left = true) }]
    }
  );
  await new Promise(resolve => setTimeout(resolve, UNDO_MS));
  if (left) {
    Notification.dismiss(id);
    return;
  }
  await carryOut(action, matching, service, trans, id);
}

async function isMeant(
  action: BulkAction,
  count: number,
  trans: TranslationBundle
): Promise<boolean> {
  const deletes = action === 'delete';
  const answer = await showDialog({
    title: deletes
      ? trans.__('Delete all %1 runs that match?', formatCount(count))
      : trans.__('Stop all runs that match?'),
    body: deletes
      ? trans.__(
          'Their logs are lost. Artifacts stay, and so do runs that are still running.'
        )
      : trans.__('Results, artifacts and logs so far stay.'),
    buttons: [
      Dialog.cancelButton({
        label: deletes ? trans.__('Keep them') : trans.__('Let them run')
      }),
      Dialog.warnButton({
        label: deletes ? trans.__('Delete') : trans.__('Stop')
      })
    ],
    defaultButton: 0
  });
  return answer.button.accept;
}

async function carryOut(
  action: BulkAction,
  matching: IMatching,
  service: IMLRunService,
  trans: TranslationBundle,
  id: string
): Promise<void> {
  const { settings } = service;
  let [done, reason] = [0, ''];
  const tell = (now: number, total: number) =>
    Notification.update({
      id,
      type: 'in-progress',
      autoClose: false,
      progress: now / Math.max(1, total),
      message:
        action === 'delete'
          ? trans.__(
              '%1 of %2 runs deleted',
              formatCount(now),
              formatCount(total)
            )
          : trans.__(
              '%1 of %2 runs stopped',
              formatCount(now),
              formatCount(total)
            ),
      actions: []
    });
  try {
    const projects =
      matching.project === null
        ? (await listProjects(settings)).map(({ name }) => name)
        : [matching.project];
    for (const project of projects) {
      const before = done;
      const begun = await changeMatching(settings, project, action, matching);
      const { status } = await followTask(service, begun, task =>
        tell(before + doneOf(task), matching.count - matching.except.length)
      );
      done += status.progress?.done ?? 0;
      reason ||= status.error ?? '';
    }
  } catch (error) {
    reason = reasonOf(error);
  }
  Notification.update({
    id,
    type: reason ? 'error' : 'success',
    autoClose: reason ? false : 5000,
    message: endOf(action, done, reason, trans),
    actions: []
  });
  service.readAgain();
}

function doneOf(task: IBackgroundTask): number {
  return task.status.progress?.done ?? 0;
}

function endOf(
  action: BulkAction,
  done: number,
  reason: string,
  trans: TranslationBundle
): string {
  const count = formatCount(done);
  if (reason) {
    return action === 'delete'
      ? trans.__('Not all runs were deleted, %1 were: %2', count, reason)
      : trans.__('Not all runs were stopped, %1 were: %2', count, reason);
  }
  return action === 'delete'
    ? trans.__('%1 runs deleted with their logs. Artifacts kept.', count)
    : trans.__('%1 runs stopped.', count);
}
