import { Dialog, showDialog } from '@jupyterlab/apputils';

/** Ask before something that cannot be taken back; the button that keeps it has the focus. */
export async function confirm(question: {
  title: string;
  body: string;
  /** The words of the button that leaves all as it is. */
  keep: string;
  /** The words of the button that goes on. */
  act: string;
}): Promise<boolean> {
  const answer = await showDialog({
    title: question.title,
    body: question.body,
    buttons: [
      Dialog.cancelButton({ label: question.keep }),
      Dialog.warnButton({ label: question.act })
    ],
    defaultButton: 0
  });
  return answer.button.accept;
}
