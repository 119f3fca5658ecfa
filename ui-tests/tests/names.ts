import type { APIRequestContext } from '@playwright/test';
import { newProject, seedRun } from './service';

const API = `${process.env.TARGET_URL}/mlrun/api`;

/** Eighty letters; runs, functions and schedules may have its first 63. */
export const LONG =
  'train-gradient-boosting-on-all-thirty-features-of-the-breast-cancer-data-set-v12';
export const NAME = LONG.slice(0, 63);

// words of users in scripts of both directions, one of them wide and one without any letter
const SCRIPTS = {
  'обучение-модели-градиентного-бустинга-на-данных-версия-12':
    'точность 3.5 из 4',
  'تدريب-نموذج-التعزيز-المتدرج-على-بيانات-سرطان-الثدي': 'قيمة 3.5',
  训练梯度提升模型于乳腺癌数据集的全部三十个特征: '学习率 0.05',
  '🚀👩🏽‍🔬🧪': '🎯 12 🎯'
};

const CODE = `def train(context, data, n: int = 1):
    """Обучить модель."""
    context.log_result("a result of this long line, longer than any tab of 480 pixels", n / 4)
`;

/** What is in the store for a walk through the panels. */
export interface INamed {
  project: string;
  failed: string;
  swept: string;
  others: string[];
}

async function ask(
  request: APIRequestContext,
  method: string,
  path: string,
  data: object
): Promise<void> {
  const answer = await request.fetch(`${API}/${path}`, { method, data });
  if (!answer.ok()) {
    throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
  }
}

/** A project whose every noun has names of 80 letters, or of the most that are allowed. */
export async function seedNames(request: APIRequestContext): Promise<INamed> {
  const project = await newProject(
    request,
    'a-project-of-a-name-of-63-letters'
  );
  await seedFunction(request, project);
  const runs = await seedRuns(request, project);
  await seedArtifacts(request, project, runs.failed);
  await seedAlert(request, project);
  return { project, ...runs };
}

async function seedRuns(request: APIRequestContext, project: string) {
  const packages = { 'scikit-learn': '1.5.2', [LONG]: '2.0' };
  const spec = {
    function: `${project}/${NAME}`,
    parameters: { n: 60, [LONG]: 'of many words '.repeat(12), ...SCRIPTS },
    inputs: {
      data: `store://datasets/${project}/${LONG}:latest`,
      file: `/home/ana/projects/breast-cancer/data/${LONG}.csv`
    },
    origin: {
      notebook: `notebooks/${LONG}.ipynb`,
      execution_count: 4,
      executable: `/home/ana/.venvs/${LONG}/bin/python`,
      user: 'Ана Ильина',
      cell_source: CODE,
      packages
    },
    env: { AN_ADDRESS: `https://example.invalid/${LONG}/${LONG}` },
    limits: { timeout: 900, memory: 2e9 }
  };
  const labels = { kind: 'local', owner: 'ана', team: 'oncology', label: NAME };
  const seed = (name: string, state: string, ago: number, status = {}) =>
    seedRun(request, project, {
      name,
      state,
      ago,
      seconds: 161,
      spec,
      labels,
      results: { accuracy: 0.965 - ago / 1e6, log_loss: 1.2e-5, [LONG]: 12345 },
      status: {
        series: { log_loss: [...Array(40).keys()].map(x => [x, 0.9 ** x]) },
        times: { queued: 2, starting: 1.5, running: 150, saving: 8 },
        place_reason: 'because the cluster is full',
        ...status
      }
    });
  const failed = await seed(NAME, 'error', 3000, {
    error: `ValueError: ${'It does not accept missing values. '.repeat(5)}`,
    error_type: 'ValueError',
    error_frames: [
      {
        file: '<cell train>',
        line: 2,
        function: 'train',
        cell: true,
        cell_line: 2,
        text: CODE.split('\n').map((line, index) => [index + 1, line])
      }
    ]
  });
  const log = [
    ...[...Array(20).keys()].map(step => `step ${step} loss=0.${step}`),
    `ERROR: step 20 went wrong ${LONG}`,
    'خطأ: القيمة 3.5 غير صالحة'
  ];
  await request.post(`${API}/v1/projects/${project}/logs/${failed}`, {
    data: `${log.join('\n')}\n`,
    headers: { 'content-type': 'text/plain' }
  });
  const swept = await seed('sweep', 'completed', 500, {
    results: { best_iteration: 2, score: 0.95 },
    iterations: [
      ['state', 'iter', 'param.n', 'param.kind', 'output.score'],
      ['completed', 1, 100, LONG, 0.91],
      ['completed', 2, 200, Object.keys(SCRIPTS)[0], 0.95],
      ['error', 3, 400, 'a', null]
    ]
  });
  return {
    failed,
    swept,
    others: [
      await seed(NAME, 'completed', 90000),
      await seed('stopped', 'aborted', 1500, {
        reason: Object.keys(SCRIPTS)[1]
      }),
      await seed('waiting', 'running', 100)
    ]
  };
}

async function seedFunction(
  request: APIRequestContext,
  project: string
): Promise<void> {
  const parameters = [
    { name: 'data', type: 'DataFrame', doc: 'таблица' },
    { name: 'n', type: 'int', default: 1, doc: 'how many trees '.repeat(6) },
    { name: 'learning_rate_of_the_boosting_algorithm', default: -0.1 },
    ...Object.entries(SCRIPTS).map(([name, text]) => ({ name, default: text }))
  ];
  for (const line of ['', '# a line more\n']) {
    const source = Buffer.from(line + CODE).toString('base64');
    await ask(
      request,
      'POST',
      `v1/projects/${project}/functions/${NAME}?versioned=true&tag=latest`,
      {
        kind: 'local',
        metadata: { name: NAME, project, tag: 'latest' },
        spec: {
          description: Object.keys(SCRIPTS)[0],
          default_handler: 'train',
          image: `registry.example.invalid/oncology/${LONG}:latest`,
          build: { functionSourceCode: source, origin_filename: `${LONG}.py` },
          entry_points: {
            train: { name: 'train', doc: 'Обучить.', parameters }
          }
        }
      }
    );
  }
  await ask(request, 'POST', 'v1/submit_job', {
    task: {
      metadata: { name: NAME, project },
      spec: { function: `${project}/${NAME}`, handler: 'train' }
    },
    schedule: 'CRON_TZ=Europe/Oslo 0 2 * * mon-fri'
  });
}

async function seedArtifacts(
  request: APIRequestContext,
  project: string,
  tree: string
): Promise<void> {
  const columns = ['x', LONG, ...Object.keys(SCRIPTS)];
  const producer = { kind: 'run', uri: `${project}/${tree}`, name: NAME };
  const dataset = {
    header: columns,
    length: 2,
    schema: { fields: columns.map(name => ({ name, type: 'number' })) }
  };
  const model = {
    framework: 'sklearn',
    algorithm: 'GradientBoostingClassifier',
    metrics: { accuracy: 0.965, [LONG]: 12345 },
    parameters: { n: 60, [LONG]: LONG },
    inputs: columns.map(name => ({ name, value_type: 'float' }))
  };
  const rows = [columns.map((_, index) => index / 4), columns];
  for (const [kind, key, spec] of [
    ['dataset', LONG, dataset],
    ['model', 'model', model]
  ] as const) {
    await ask(request, 'POST', `v2/projects/${project}/artifacts`, {
      kind,
      metadata: { key, project, tree, tag: 'latest' },
      spec: { db_key: key, size: 12345678, producer, ...spec },
      status: kind === 'dataset' ? { preview: rows } : {}
    });
  }
}

async function seedAlert(
  request: APIRequestContext,
  project: string
): Promise<void> {
  await ask(request, 'PUT', `v1/projects/${project}/alerts/${LONG}`, {
    project,
    name: LONG,
    summary: Object.keys(SCRIPTS)[0],
    severity: 'high',
    entities: { kind: 'job', project, ids: ['*'] },
    trigger: { events: ['failed'] },
    criteria: { count: 1, period: '10m' },
    reset_policy: 'manual',
    notifications: [
      {
        notification: {
          kind: 'webhook',
          name: 'hook',
          message: 'a run failed',
          severity: 'warning',
          when: ['error'],
          condition: '',
          secret_params: { url: 'https://hooks.invalid/x' }
        }
      }
    ]
  });
  await ask(request, 'POST', `v1/projects/${project}/events/failed`, {
    kind: 'failed',
    entity: { kind: 'job', project, ids: [`${NAME}.${'a'.repeat(32)}`] },
    value_dict: {}
  });
}
