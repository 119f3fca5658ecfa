import type { IFunction } from '../../api/documents';
import { asksFor, PodField, runsInPods } from '../../panels/form/podKinds';
import { PodWishes } from '../../panels/form/podWishes';
import { Wishes } from '../../panels/form/wishes';

// tests/sdk/test_pod_documents.py runs the same lines
const told: Record<
  string,
  {
    typed: Record<string, string>;
    lines: string[];
    spec: Record<string, unknown>;
  }
> = jest.requireActual('../../../../tests/sdk/pods/form-lines.json');

const spec: IFunction['spec'] = {
  image: 'ml:1',
  resources: {
    requests: { cpu: '500m', memory: '1Gi' },
    limits: { cpu: 2, 'amd.com/gpu': 1, 'ephemeral-storage': '1Gi' }
  },
  node_selector: { pool: 'gpu', zone: 'a' },
  tolerations: [
    { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' },
    { key: 'team', operator: 'Equal', value: 'onco' },
    { key: 'spot', operator: 'Exists', tolerationSeconds: 60 }
  ],
  priority_class_name: 'high'
};

function begun(kind = 'job', from?: IFunction['spec']): PodWishes {
  const pods = new PodWishes();
  pods.begin(kind, from);
  return pods;
}

describe('PodWishes', () => {
  it('shows what a function says, and changes nothing by itself', () => {
    const pods = begun('job', spec);
    expect(pods.text('requestCpu')).toBe('500m');
    expect(pods.text('limitCpu')).toBe('2');
    expect([pods.text('gpus'), pods.text('gpuType')]).toEqual([
      '1',
      'amd.com/gpu'
    ]);
    expect(pods.text('nodes')).toBe('pool=gpu, zone=a');
    expect(pods.text('tolerations')).toBe('gpu:NoSchedule, team=onco');
    expect(pods.text('priority')).toBe('high');
    expect(pods.isChanged).toBe(false);
    expect(pods.change('job', spec)).toEqual({});
    expect(pods.wrong('job')).toBeNull();
  });

  it('changes what was typed and leaves alone what it cannot say', () => {
    const pods = begun('job', spec);
    pods.type('gpus', '2');
    pods.type('gpuType', 'nvidia.com/gpu');
    pods.type('requestCpu', '');
    pods.type('nodes', 'zone=b');
    pods.type('tolerations', '');
    pods.type('priority', '');
    expect(pods.change('job', spec)).toEqual({
      resources: {
        requests: { memory: '1Gi' },
        limits: { cpu: '2', 'nvidia.com/gpu': 2, 'ephemeral-storage': '1Gi' }
      },
      node_selector: { zone: 'b' },
      tolerations: [{ key: 'spot', operator: 'Exists', tolerationSeconds: 60 }],
      priority_class_name: undefined
    });
  });

  it.each(Object.entries(told))(
    'says of %s in Python what it gives the function',
    (kind, { typed, lines, spec: expected }) => {
      const pods = begun(kind);
      for (const [field, text] of Object.entries(typed)) {
        pods.type(field as PodField, text);
      }
      expect(pods.wrong(kind)).toBeNull();
      expect(pods.lines(kind)).toEqual(lines);
      expect(pods.change(kind, {})).toMatchObject(expected);
    }
  );

  it.each([
    ['dask', 'scheduler', 'memory', 'mainLimitMemory'],
    ['spark', 'driver', 'cpu', 'mainLimitCpu']
  ])('sizes the one pod of %s beside the many', (kind, role, what, field) => {
    const part = `${role}_resources`;
    const from = { [part]: { limits: { gpu: '2' }, requests: { cpu: '1' } } };
    const pods = begun(kind, from);
    expect(pods.text('mainRequestCpu')).toBe('1');
    pods.type(field as PodField, '2');
    pods.type('mainRequestCpu', '');
    expect(pods.change(kind, from)[part]).toEqual({
      requests: {},
      limits: { gpu: '2', [what]: '2' }
    });
    // kinds of one size are not given another
    pods.begin('job', {});
    pods.type('mainLimitMemory', 'much');
    expect(pods.wrong('job')).toBeNull();
    expect(pods.change('job', {})[part]).toBeUndefined();
    expect(pods.lines('job')).toEqual([]);
  });

  it('asks of spark what Java reads, and no memory beside the requested', () => {
    const pods = begun('spark');
    for (const [text, right] of [
      ['512m', true],
      ['4g', true],
      ['512Mi', false],
      ['4', false],
      ['0g', false]
    ] as const) {
      pods.type('requestMemory', text);
      expect([text, pods.isWrong('spark', 'requestMemory')]).toEqual([
        text,
        !right
      ]);
    }
    pods.begin('spark', {});
    pods.type('limitMemory', 'much');
    pods.type('mainLimitMemory', '2Gi');
    expect([
      asksFor('spark', 'limitMemory'),
      asksFor('spark', 'mainLimitMemory'),
      asksFor('dask', 'mainLimitMemory')
    ]).toEqual([false, false, true]);
    expect(pods.wrong('spark')).toBeNull();
    expect(pods.lines('spark')).toEqual([]);
    expect(pods.change('spark', {}).driver_resources).toEqual({
      requests: {},
      limits: {}
    });
  });

  it('leaves roles apart that are placed apart', () => {
    const from = {
      driver_node_selector: { pool: 'a' },
      executor_node_selector: { pool: 'b' }
    };
    const pods = begun('spark', from);
    expect(pods.text('nodes')).toBe('pool=b');
    pods.type('requestCpu', '2');
    expect(pods.lines('spark')).toEqual([
      'function.with_executor_requests(cpu="2")'
    ]);
    expect('driver_node_selector' in pods.change('spark', from)).toBe(false);
    pods.type('nodes', '');
    expect(pods.change('spark', from)).toMatchObject({
      node_selector: {},
      driver_node_selector: {},
      executor_node_selector: {}
    });
  });

  it('says how pods go with nodes that may be taken away', () => {
    const pods = begun('job', { preemption_mode: 'prevent' });
    expect(pods.text('preemption')).toBe('prevent');
    pods.type('preemption', 'allow');
    expect(pods.change('job', {}).preemption_mode).toBe('allow');
    expect(pods.lines('job')).toEqual([
      'function.with_preemption_mode(mode="allow")'
    ]);
    expect(pods.change('spark', {}).preemption_mode).toBeUndefined();
    pods.type('preemption', 'perhaps');
    expect(pods.wrong('job')).toBe('preemption');
  });

  it('has a mode for each role of spark, which is stronger than the one for all', () => {
    const from = {
      preemption_mode: 'constrain',
      executor_preemption_mode: 'allow'
    };
    const pods = begun('spark', from);
    expect([pods.text('mainPreemption'), pods.text('preemption')]).toEqual([
      'constrain',
      'allow'
    ]);
    expect(pods.isChanged).toBe(false);
    pods.type('mainPreemption', 'none');
    expect(pods.change('spark', from)).toMatchObject({
      driver_preemption_mode: 'none',
      executor_preemption_mode: 'allow'
    });
    expect(asksFor('job', 'mainPreemption')).toBe(false);
    // a role whose mode is cleared has none, not the one that was for all
    pods.type('mainPreemption', '');
    const all: Record<string, unknown> = {
      ...from,
      ...pods.change('spark', from)
    };
    expect(all.preemption_mode).toBeUndefined();
    expect(all.driver_preemption_mode).toBeUndefined();
    expect(all.executor_preemption_mode).toBe('allow');
    pods.type('mainPreemption', 'perhaps');
    expect(pods.wrong('job')).toBeNull();
    expect(pods.wrong('spark')).toBe('mainPreemption');
  });

  it.each<[PodField, string, boolean]>([
    ['requestCpu', '0.5', true],
    ['requestCpu', '500m', true],
    ['requestCpu', '2 cores', false],
    ['requestCpu', '0', false],
    ['limitMemory', '4Gi', true],
    ['limitMemory', '4GB', false],
    ['gpus', '0', true],
    ['gpus', '-1', false],
    ['gpuType', 'nvidia.com/mig-1g.5gb', true],
    ['gpuType', 'gpu', false],
    ['nodes', 'kubernetes.io/arch=amd64 pool=', true],
    ['nodes', 'pool', false],
    ['tolerations', 'gpu, team=onco:NoExecute', true],
    ['tolerations', 'gpu:Never', false],
    ['priority', 'High', false]
  ])('%s %s', (field, text, right) => {
    const pods = begun();
    pods.type(field, text);
    expect(pods.wrong('job')).toBe(right ? null : field);
  });

  it('says the same in Python', () => {
    const pods = begun();
    pods.type('gpus', '1');
    pods.type('nodes', 'pool=gpu');
    pods.type('tolerations', 'gpu:NoSchedule');
    pods.type('priority', 'high');
    expect(pods.lines('job')).toEqual([
      'function.with_limits(gpus=1)',
      'function.with_node_selection(node_selector={"pool":"gpu"}, tolerations=[{"key":"gpu","operator":"Exists","effect":"NoSchedule"}])',
      'function.with_priority_class(name="high")'
    ]);
  });

  it('matters only to kinds that run in pods', () => {
    const wishes = new Wishes();
    wishes.begin([], 'job');
    wishes.pods.type('gpus', 'many');
    expect(wishes.isRight).toBe(false);
    expect(wishes.isNewVersion).toBe(true);
    wishes.kind = 'local';
    expect(runsInPods('local')).toBe(false);
    expect(wishes.isRight).toBe(true);
  });
});
