import type { IEvent } from '../api/documents';
import { IBackgroundTask, readBackgroundTask } from '../api/backgroundTasks';
import type { IMLRunService } from '../tokens';

const PATIENCE = 2000;

/** The task at its end; `tell` hears how far it is until then. */
export async function followTask(
  service: IMLRunService,
  begun: IBackgroundTask,
  tell: (task: IBackgroundTask) => void
): Promise<IBackgroundTask> {
  const { name, project } = begun.metadata;
  let task = begun;
  while (task.status.state === 'running') {
    tell(task);
    await nextNews(service, name);
    task = await readBackgroundTask(service.settings, project ?? '', name);
  }
  return task;
}

/** News of the task, or time in which an event may have been lost. */
function nextNews(service: IMLRunService, name: string): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer);
      service.events.disconnect(hear);
      resolve();
    };
    const hear = (_: IMLRunService, event: IEvent) => {
      if (event.kind === 'background-task' && event.name === name) {
        end();
      }
    };
    const timer = setTimeout(end, PATIENCE);
    service.events.connect(hear);
  });
}
