import type { IFunction } from '../../api/documents';
import {
  asksFor,
  MAIN_PARTS,
  modesOf,
  PARTS,
  patternOf,
  PodField,
  ROLES
} from './podKinds';
import {
  IToleration,
  partsOf,
  placeOf,
  selectorOf,
  textOf,
  tolerationOf
} from './podNodes';
import { filled, methodsOf, resourcesOf } from './podSizes';

type Spec = IFunction['spec'];

const GPU = 'nvidia.com/gpu';

/** How large the pods of a function are and on which nodes they may be, as it is typed into a form. */
export class PodWishes {
  /** Begin with what a function says. */
  begin(kind: string, spec: Spec | undefined): void {
    const { requests = {}, limits = {} } = resourcesOf(PARTS[kind], spec);
    const main = resourcesOf(MAIN_PARTS[kind], spec);
    const gpuType = Object.keys(limits).find(name => name.includes('/'));
    const places = (ROLES[kind] ?? ['']).map(role => placeOf(role, spec));
    const { nodes, tolerations } = places[places.length - 1];
    this._isMixed = places.some(
      place => JSON.stringify(place) !== JSON.stringify(places[0])
    );
    const texts = tolerations.map(textOf);
    // what the form cannot say is left alone
    this._kept = tolerations.filter((_, index) => texts[index] === null);
    const told: Record<PodField, unknown> = {
      requestCpu: requests.cpu,
      requestMemory: requests.memory,
      limitCpu: limits.cpu,
      limitMemory: limits.memory,
      mainRequestCpu: main.requests?.cpu,
      mainRequestMemory: main.requests?.memory,
      mainLimitCpu: main.limits?.cpu,
      mainLimitMemory: main.limits?.memory,
      gpus: gpuType && limits[gpuType],
      gpuType: gpuType ?? GPU,
      nodes: Object.entries(nodes)
        .map(([key, value]) => `${key}=${value}`)
        .join(', '),
      tolerations: texts.filter(text => text !== null).join(', '),
      priority: spec?.priority_class_name,
      preemption: spec?.preemption_mode,
      mainPreemption: spec?.preemption_mode
    };
    for (const [field, name] of modesOf(kind)) {
      told[field] = spec?.[name] || told[field];
    }
    for (const [field, value] of Object.entries(told)) {
      this._texts.set(field as PodField, String(value ?? ''));
    }
    this._begun = new Map(this._texts);
    this._before = this._sign();
  }

  /** A field as it was typed. */
  text(field: PodField): string {
    return this._texts.get(field) ?? '';
  }

  /** Type into a field. */
  type(field: PodField, text: string): void {
    this._texts.set(field, text);
  }

  /** Whether a kind's field is typed in a way that the cluster would not understand. */
  isWrong(kind: string, field: PodField): boolean {
    const text = asksFor(kind, field) ? this.text(field).trim() : '';
    const parts =
      field === 'nodes' || field === 'tolerations' ? partsOf(text) : [text];
    const pattern = patternOf(kind, field);
    return text !== '' && !parts.every(part => pattern.test(part));
  }

  /** The first field that is wrong for a kind, or null. */
  wrong(kind: string): PodField | null {
    const fields = [...this._texts.keys()];
    return fields.find(field => this.isWrong(kind, field)) ?? null;
  }

  /** Whether anything is other than the function says. */
  get isChanged(): boolean {
    return this._sign() !== this._before;
  }

  /** What of a function's spec is to be other, as a function of a kind. */
  change(kind: string, spec: Spec): Partial<Spec> {
    const part = PARTS[kind];
    if (!part || !this.isChanged) {
      return {};
    }
    const before = resourcesOf(part, spec);
    const { gpus, gpuType } = this._gpus;
    const plain = Object.entries(before.limits ?? {}).filter(
      ([name]) => !name.includes('/')
    );
    return {
      [part]: {
        requests: filled(before.requests, {
          cpu: this._given('requestCpu'),
          memory: this._given('requestMemory')
        }),
        limits: filled(Object.fromEntries(plain), {
          cpu: this._given('limitCpu'),
          memory: this._asked(kind, 'limitMemory'),
          [gpuType]: gpus
        })
      },
      ...this._changeOfPlaces(ROLES[kind]),
      priority_class_name: this._given('priority'),
      ...this._changeOfMain(kind, spec),
      ...this._changeOfModes(kind)
    };
  }

  /** The lines of Python that say the same of a function that is called `function`. */
  lines(kind: string): string[] {
    const [requests, limits] = methodsOf(PARTS[kind]);
    const [mainRequests, mainLimits] = methodsOf(MAIN_PARTS[kind]);
    const asked = (field: PodField) => this._asked(kind, field);
    const { gpus, gpuType } = this._gpus;
    const calls: [string, Record<string, unknown>][] = [
      [requests, { mem: asked('requestMemory'), cpu: asked('requestCpu') }],
      [
        limits,
        {
          mem: asked('limitMemory'),
          cpu: asked('limitCpu'),
          gpus,
          gpu_type: gpus !== undefined && gpuType !== GPU ? gpuType : undefined
        }
      ],
      [
        mainRequests,
        { mem: asked('mainRequestMemory'), cpu: asked('mainRequestCpu') }
      ],
      [
        mainLimits,
        { mem: asked('mainLimitMemory'), cpu: asked('mainLimitCpu') }
      ],
      ...this._callsOfPlaces(ROLES[kind]),
      ['with_priority_class', { name: asked('priority') }],
      ...modesOf(kind).map(
        ([field, name]): [string, Record<string, unknown>] => [
          `with_${name}`,
          { mode: asked(field) }
        ]
      )
    ];
    return calls
      .map(([method, args]) => [method, wordsOf(args)])
      .filter(([, words]) => words !== '')
      .map(([method, words]) => `function.${method}(${words})`);
  }

  private _changeOfPlaces(roles: readonly string[] | undefined): Partial<Spec> {
    const typed = partsOf(this.text('tolerations')).map(tolerationOf);
    const wanted: [PodField, string, object, object][] = [
      ['nodes', 'node_selector', selectorOf(this.text('nodes')), {}],
      ['tolerations', 'tolerations', [...typed, ...this._kept], []]
    ];
    if (!roles) {
      return Object.fromEntries(wanted.map(([, name, value]) => [name, value]));
    }
    // what nobody typed stays as it is: roles may be placed apart
    const changed = wanted.filter(([field]) => this._isOther(field));
    return Object.fromEntries(
      changed.flatMap(([, name, value, none]) => [
        [name, none],
        ...roles.map(role => [`${role}_${name}`, value])
      ])
    );
  }

  private _changeOfModes(kind: string): Partial<Spec> {
    const modes = modesOf(kind);
    const given = modes.map(([field, name]) => [name, this._given(field)]);
    return {
      // where roles have modes of their own, the one of all would stay behind a cleared one
      ...(modes.length > 0 ? { preemption_mode: undefined } : {}),
      ...Object.fromEntries(given)
    };
  }

  private _callsOfPlaces(
    roles: readonly string[] | undefined
  ): [string, Record<string, unknown>][] {
    const told = (field: PodField, value: object) =>
      Object.keys(value).length > 0 &&
      !(roles && this._isMixed && !this._isOther(field))
        ? value
        : undefined;
    const node_selector = told('nodes', selectorOf(this.text('nodes')));
    const tolerations = told(
      'tolerations',
      partsOf(this.text('tolerations')).map(tolerationOf)
    );
    return roles
      ? [
          ['with_node_selection', { node_selector }],
          ...roles.map((role): [string, Record<string, unknown>] => [
            `with_${role}_node_selection`,
            { tolerations }
          ])
        ]
      : [['with_node_selection', { node_selector, tolerations }]];
  }

  private _isOther(field: PodField): boolean {
    return this._begun.get(field) !== this._texts.get(field);
  }

  private _changeOfMain(kind: string, spec: Spec): Partial<Spec> {
    const part = MAIN_PARTS[kind];
    if (!part) {
      return {};
    }
    const before = resourcesOf(part, spec);
    return {
      [part]: {
        requests: filled(before.requests, {
          cpu: this._given('mainRequestCpu'),
          memory: this._given('mainRequestMemory')
        }),
        limits: filled(before.limits, {
          cpu: this._given('mainLimitCpu'),
          memory: this._asked(kind, 'mainLimitMemory')
        })
      }
    };
  }

  private get _gpus(): { gpus: number | undefined; gpuType: string } {
    const gpus = this._given('gpus');
    return {
      gpus: gpus === undefined || Number(gpus) === 0 ? undefined : Number(gpus),
      gpuType: this._given('gpuType') ?? GPU
    };
  }

  private _given(field: PodField): string | undefined {
    return this.text(field).trim() || undefined;
  }

  /** What is typed into a field that the form shows. */
  private _asked(kind: string, field: PodField): string | undefined {
    return asksFor(kind, field) ? this._given(field) : undefined;
  }

  private _sign(): string {
    return JSON.stringify(
      [...this._texts].map(([field, text]) => [field, partsOf(text)])
    );
  }

  private _texts = new Map<PodField, string>();
  private _kept: IToleration[] = [];
  private _begun = new Map<PodField, string>();
  private _isMixed = false;
  private _before = '';
}

function wordsOf(args: Record<string, unknown>): string {
  return Object.entries(args)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ');
}
