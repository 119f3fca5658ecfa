import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { reasonOf } from '../api/request';
import { UNDO_MS } from '../models/deletions';

/** Something that is done unless it is taken back in time. */
export interface IUndoable {
  /** What is said while it can be taken back. */
  message: string;
  /** What is said before the reason, where it is refused. */
  refused: string;
  act: () => Promise<void>;
  /** Called at once with true; with false when it was taken back, done or refused. */
  pending?: (pending: boolean) => void;
}

/** Do something in a while; leaving the page or Undo cancels it. */
export async function actLater(
  { message, refused, act, pending }: IUndoable,
  trans: TranslationBundle
): Promise<void> {
  pending?.(true);
  const undone = await new Promise<boolean>(resolve => {
    const id = Notification.emit(message, 'default', {
      autoClose: UNDO_MS,
      actions: [{ label: trans.__('Undo'), callback: () => resolve(true) }]
    });
    setTimeout(() => {
      Notification.dismiss(id);
      resolve(false);
    }, UNDO_MS);
  });
  try {
    if (!undone) {
      await act();
    }
  } catch (reason) {
    Notification.error(`${refused}: ${reasonOf(reason)}`, { autoClose: false });
  } finally {
    pending?.(false);
  }
}
