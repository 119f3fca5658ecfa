import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CommandRegistry } from '@lumino/commands';
import type { IRunRef } from '../../api/documents';
import type { RunTabModel } from './model';

/** What every part of a run's tab is given. */
export interface IRunTabProps {
  model: RunTabModel;
  commands: CommandRegistry;
  /** The renderers that are installed. */
  rendermime: IRenderMimeRegistry;
  /** The text of the run's cell as it is now; null where it is not to be found. */
  readCell: () => Promise<string | null>;
  /** Open another run. */
  onOpen: (ref: IRunRef) => void;
  /** Show a place in code that the log names. */
  onPlace: (file: string, line: number) => void;
  /** Show a line of the cell that the run came from. */
  onCell: (line?: number) => void;
}
