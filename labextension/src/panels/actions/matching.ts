import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IMatching } from '../../api/documents';
import { listProjects } from '../../api/projects';
import { reasonOf } from '../../api/request';
import { changeMatching, IBulkStep } from '../../api/runs';
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
  let [done, refusals, reason] = [0, 0, ''];
  let cancelled = false;
  const actions = [
    { label: trans.__('Cancel'), callback: () => (cancelled = true) }
  ];
  const tell = (left: number) =>
    Notification.update({
      id,
      type: 'in-progress',
      autoClose: false,
      progress: done / Math.max(1, done + left),
      message:
        action === 'delete'
          ? trans.__('%1 runs deleted', formatCount(done))
          : trans.__('%1 runs stopped', formatCount(done)),
      actions
    });
  try {
    const projects =
      matching.project === null
        ? (await listProjects(settings)).map(({ name }) => name)
        : [matching.project];
    for (const project of projects) {
      let step: IBulkStep;
      do {
        step = await changeMatching(settings, project, action, matching);
        done += step.done;
        refusals += step.refusals;
        reason ||= step.refused[0] ?? '';
        tell(step.left);
      } while (step.left > 0 && step.done > 0 && !cancelled);
    }
  } catch (error) {
    reason = reasonOf(error);
  }
  Notification.update({
    id,
    type: reason ? 'error' : 'success',
    autoClose: reason ? false : 5000,
    message: endOf(action, done, refusals, reason, trans),
    actions: []
  });
  service.readAgain();
}

function endOf(
  action: BulkAction,
  done: number,
  refusals: number,
  reason: string,
  trans: TranslationBundle
): string {
  const count = formatCount(done);
  if (reason) {
    return action === 'delete'
      ? trans.__('%1 runs deleted, %2 refused: %3', count, refusals, reason)
      : trans.__('%1 runs stopped, %2 refused: %3', count, refusals, reason);
  }
  return action === 'delete'
    ? trans.__('%1 runs deleted with their logs. Artifacts kept.', count)
    : trans.__('%1 runs stopped.', count);
}
