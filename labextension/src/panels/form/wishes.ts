import type { IFunction, IRunSpec } from '../../api/documents';
import { LIMITS, LimitName, formatLimit, parseLimit } from './limits';
import { runsInPods } from './podKinds';
import { PodWishes } from './podWishes';

const OUTPUT = /^([\p{L}_][\p{L}\p{N}_]*)(?::\s*(\w+(?:\[\w+\])?))?$/u;

/** An output that a run may keep. */
export interface IOutput {
  /** `NAME` or `NAME:KIND`. */
  hint: string;
  kept: boolean;
}

/** What a form asks of a run beside its values: what is kept, the kind, the limits. */
export class Wishes {
  outputs: IOutput[] = [];
  kind = '';
  /** The kinds that the service can run. */
  kinds: readonly string[] = [];
  /** The pods, where the kind runs in pods. */
  readonly pods = new PodWishes();

  /** Begin with what a run or a function says. */
  begin(
    returns: readonly string[],
    kind: string,
    spec?: IRunSpec,
    code?: IFunction | null
  ): void {
    this.outputs = returns.map(hint => ({ hint, kept: true }));
    // a run of the kernel is repeated in a process of its own
    this.kind = kind === 'handler' ? 'local' : kind;
    for (const name of LIMITS) {
      this._limits.set(name, formatLimit(name, spec?.limits?.[name]));
    }
    this.pods.begin(code?.kind ?? kind, code?.spec);
    this._before = this._sign();
    this._kindBefore = this.kind;
  }

  /** The outputs that are kept. */
  get returns(): string[] {
    return this.outputs
      .filter(output => output.kept)
      .map(output => output.hint);
  }

  /** Keep one more output; whether the text names one that is not there yet. */
  add(text: string): boolean {
    const found = OUTPUT.exec(text.trim());
    const name = found?.[1];
    if (
      !found ||
      this.outputs.some(({ hint }) => hint.split(':')[0].trim() === name)
    ) {
      return false;
    }
    const hint = found[2] ? `${name}:${found[2]}` : `${name}`;
    this.outputs = [...this.outputs, { hint, kept: true }];
    return true;
  }

  /** Keep an output, or do not. */
  toggle(hint: string): void {
    this.outputs = this.outputs.map(output =>
      output.hint === hint ? { ...output, kept: !output.kept } : output
    );
  }

  /** A limit as it was typed. */
  limit(name: LimitName): string {
    return this._limits.get(name) ?? '';
  }

  /** Type a limit. */
  setLimit(name: LimitName, text: string): void {
    this._limits.set(name, text);
  }

  /** Whether a limit is typed in a way that nobody understands. */
  isWrong(name: LimitName): boolean {
    return parseLimit(name, this.limit(name)) === undefined;
  }

  /** The first limit that is wrong, or null. */
  get wrong(): LimitName | null {
    return LIMITS.find(name => this.isWrong(name)) ?? null;
  }

  /** The limits that are set, as documents carry them. */
  get limits(): Partial<Record<LimitName, number>> {
    return Object.fromEntries(
      LIMITS.flatMap(name => {
        const value = parseLimit(name, this.limit(name));
        return typeof value === 'number' ? [[name, value]] : [];
      })
    );
  }

  /** Whether another kind was chosen: that makes a new version of the function. */
  get isOtherKind(): boolean {
    return this.kind !== this._kindBefore;
  }

  /** Whether what is asked for makes a new version of the function. */
  get isNewVersion(): boolean {
    return this.isOtherKind || (runsInPods(this.kind) && this.pods.isChanged);
  }

  /** Whether anything is other than at the beginning. */
  get isChanged(): boolean {
    return this.isNewVersion || this._sign() !== this._before;
  }

  /** Whether nothing is typed in a way that nobody understands. */
  get isRight(): boolean {
    return (
      !this.wrong && !(runsInPods(this.kind) && this.pods.wrong(this.kind))
    );
  }

  /** The options of the magic line that say the same. */
  get options(): string[] {
    const kind = this.isOtherKind ? [`--kind ${this.kind}`] : [];
    const limits = LIMITS.filter(name => this.limits[name] !== undefined).map(
      name => `--${name} ${this.limit(name).trim().replace(/\s/g, '')}`
    );
    return [...kind, ...limits];
  }

  private _sign(): string {
    return JSON.stringify([this.returns, this.limits]);
  }

  private _limits = new Map<LimitName, string>();
  private _before = '';
  private _kindBefore = '';
}
