import type { TranslationBundle } from '@jupyterlab/translation';
import type { IActivation, IAlert } from '../../api/alerts';

/** The shape that stands for an alert: quiet, or as bad as its severity. */
export function alertState(alert: { state: string; severity: string }): string {
  if (alert.state !== 'active') {
    return 'ready';
  }
  return alert.severity === 'high' ? 'error' : 'unhealthy';
}

/** How far those are who are told by one kind of message: told, in vain, or not yet. */
export function toldState({
  err,
  summary
}: IActivation['notifications'][number]): 'error' | 'completed' | 'pending' {
  if (err || (summary && summary.failed > 0)) {
    return 'error';
  }
  return summary && summary.succeeded === 0 ? 'pending' : 'completed';
}

/** How bad an alert is, as a word. */
export function severityWord(
  severity: string,
  trans: TranslationBundle
): string {
  switch (severity) {
    case 'high':
      return trans.__('high');
    case 'medium':
      return trans.__('medium');
    case 'low':
      return trans.__('low');
    default:
      return severity;
  }
}

/** Whether an alert is active, as a word. */
export function activeWord(alert: IAlert, trans: TranslationBundle): string {
  return alert.state === 'active' ? trans.__('active') : trans.__('quiet');
}

/** What an alert watches: `job train`, `model-endpoint e1 and 2 more`. */
export function watchedBy(alert: IAlert, trans: TranslationBundle): string {
  const { kind, ids } = alert.entities;
  const [first = '*', ...more] = ids;
  const name = first === '*' ? trans.__('any') : first;
  return more.length
    ? trans.__('%1 %2 and %3 more', kind, name, more.length)
    : `${kind} ${name}`;
}

/** When it becomes active: `3 times in 10m`. */
export function criteriaOf(alert: IAlert, trans: TranslationBundle): string {
  const { count = 1, period } = alert.criteria ?? {};
  if (!period) {
    return trans._n('at the first event', 'after %1 events', count);
  }
  return trans._n('at an event', 'after %1 events in %2', count, period);
}

/** An alert in a sentence. */
export function describeAlert(alert: IAlert, trans: TranslationBundle): string {
  return [
    alert.name,
    activeWord(alert, trans),
    trans.__('severity %1', severityWord(alert.severity, trans)),
    watchedBy(alert, trans)
  ].join(', ');
}
