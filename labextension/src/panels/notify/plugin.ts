import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';
import type { IRunRow } from '../../api/documents';
import { readStatus } from '../../api/events';
import { CommandIDs } from '../../commands';
import { primaryResult } from '../../components/runWords';
import { formatDuration } from '../../format';
import { DOMAIN, IMLRunActive, IMLRunService, SETTINGS_ID } from '../../tokens';
import { deservesNotice, INoticeRules, NoticeGatherer } from './notices';

const GATHER_MS = 5000;
const SHOW_MS = 5000;
const DEFAULT_SECONDS = 30;

/** Notices when runs end, unless their card or tab is in view. */
export const notifyPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:notifications',
  description: 'Notifications when MLRun runs end.',
  autoStart: true,
  requires: [IMLRunActive, IMLRunService],
  optional: [ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    active: IMLRunActive,
    service: IMLRunService,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const rules: INoticeRules = { longerThan: DEFAULT_SECONDS, owner: null };
    void registry?.load(SETTINGS_ID).then(settings => {
      const take = () => {
        rules.longerThan = settings.get('notifyAfter').composite as number;
      };
      settings.changed.connect(take);
      take();
    });
    service.resync.connect(() => {
      readStatus(service.settings).then(
        // a service of many users does not tell where its store is; the runs of others are no news
        ({ owner, store }) => (rules.owner = store ? null : owner || null),
        reason => console.warn('MLRun: whose runs to tell of', reason)
      );
    });
    // one notice at a time: while the last is there, what ends is added to it
    let last = { id: '', rows: [] as readonly IRunRow[] };
    const gatherer = new NoticeGatherer(rows => {
      const standing = Notification.manager.has(last.id);
      const all = standing ? [...last.rows, ...rows] : rows;
      if (standing) {
        Notification.dismiss(last.id);
      }
      last = { id: tell(all, app, trans), rows: all };
    }, GATHER_MS);
    active.ended.connect((_, row) => {
      if (deservesNotice(row, rules) && !inView(row)) {
        gatherer.add(row);
      }
    });
  }
};

/** Whether a card or a tab of the run can be seen now. */
function inView(row: IRunRow): boolean {
  const places = document.querySelectorAll<HTMLElement>(
    `[data-uid="${CSS.escape(row.uid)}"]`
  );
  return [...places].some(place => {
    const box = place.getBoundingClientRect();
    return box.height > 0 && box.bottom > 0 && box.top < window.innerHeight;
  });
}

function messageOf(
  rows: readonly IRunRow[],
  failed: readonly IRunRow[],
  trans: TranslationBundle
): string {
  const [row] = rows;
  if (rows.length > 1) {
    return trans.__(
      '%1 runs finished: %2 completed, %3 failed.',
      rows.length,
      rows.length - failed.length,
      failed.length
    );
  }
  if (failed.length) {
    return trans.__('%1 failed: %2', row.name, row.error ?? row.reason ?? '');
  }
  const result = primaryResult(row);
  const time = formatDuration(row.duration ?? 0);
  return result
    ? trans.__('%1 completed in %2: %3 %4', row.name, time, ...result)
    : trans.__('%1 completed in %2', row.name, time);
}

function tell(
  rows: readonly IRunRow[],
  app: JupyterFrontEnd,
  trans: TranslationBundle
): string {
  const failed = rows.filter(row => row.state === 'error');
  const [first] = failed.length ? failed : rows;
  const { project, uid } = first;
  const execute = (id: string, args: object) => {
    if (app.commands.hasCommand(id)) {
      void app.commands.execute(id, { ...args });
    }
  };
  const actions = [
    {
      label: trans.__('Open'),
      callback: () => execute(CommandIDs.openRun, { project, uid })
    },
    {
      label: trans.__('Log'),
      callback: () => execute(CommandIDs.openLog, { project, uid })
    }
  ];
  const several = [
    {
      label: trans.__('Show'),
      callback: () => execute(CommandIDs.openPanel, { q: 'since:1h' })
    }
  ];
  return Notification.emit(
    messageOf(rows, failed, trans),
    failed.length ? 'error' : 'success',
    {
      autoClose: failed.length ? false : SHOW_MS,
      actions: rows.length > 1 ? several : actions
    }
  );
}
