const { execFileSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const baseConfig = require('@jupyterlab/galata/lib/playwright-config');

function freePort() {
  const listen =
    'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{process.stdout.write(String(s.address().port));s.close()})';
  return execFileSync(process.execPath, ['-e', listen]).toString();
}

// the configuration is read again in every worker: what the first reading chose stays
process.env.UI_HOME ??= fs.mkdtempSync(path.join(os.tmpdir(), 'mlrun-ui-'));
process.env.AUTH_PORT ??= freePort();

function inEnvironment(name) {
  const found = path.join(__dirname, '..', '.venv', 'bin', name);
  return fs.existsSync(found) ? found : name;
}

// what needs a cluster has a service of its own, in front of the one that KUBECONFIG names
const needsCluster = /cluster\.spec\.ts$/;
const onCluster = process.env.UI_CLUSTER === '1';

// each worker has a server of its own: the runs and kernels of one test are in no other's way
const workers = onCluster ? 1 : Number(process.env.UI_WORKERS || 2);
process.env.UI_PORTS ??= Array.from({ length: workers }, freePort).join(' ');
const ports = process.env.UI_PORTS.split(' ');
const ownPort = ports[Number(process.env.TEST_PARALLEL_INDEX ?? 0)];
if (!ownPort) {
  throw new Error(
    `There are servers for ${ports.length} workers: for more, set UI_WORKERS instead of --workers.`
  );
}
process.env.UI_PORT = ownPort;

if (onCluster && !process.env.UI_NAMESPACE) {
  process.env.UI_NAMESPACE = `mlrun-ui-${process.env.UI_PORT}`;
  process.env.UI_HOST = execFileSync(
    inEnvironment('python'),
    ['-m', 'tests.cluster.place', 'up', process.env.UI_NAMESPACE],
    { cwd: path.join(__dirname, '..') }
  )
    .toString()
    .trim();
}
process.env.UI_HOST ??= '127.0.0.1';
const hasRegistry = ['buildah', 'docker-registry'].every(name =>
  (process.env.PATH ?? '').split(':').some(dir => fs.existsSync(`${dir}/${name}`))
);
if (onCluster && hasRegistry) {
  process.env.UI_REGISTRY_PORT ??= freePort();
}
const registryPort = process.env.UI_REGISTRY_PORT;
const addressOf = port => `http://${process.env.UI_HOST}:${port}`;
process.env.TARGET_URL = addressOf(process.env.UI_PORT);
process.env.AUTH_URL ??= `http://127.0.0.1:${process.env.AUTH_PORT}`;

// each server has a home of its own: nothing of the user's is read or written, and a
// workspace left by an earlier run restores nothing
function isolated(name) {
  const home = path.join(process.env.UI_HOME, name);
  const dirs = {
    HOME: home,
    IPYTHONDIR: path.join(home, 'ipython'),
    JUPYTER_CONFIG_DIR: path.join(home, 'config'),
    JUPYTER_DATA_DIR: path.join(home, 'data'),
    JUPYTER_RUNTIME_DIR: path.join(home, 'runtime'),
    JUPYTERLAB_SETTINGS_DIR: path.join(home, 'settings'),
    JUPYTERLAB_WORKSPACES_DIR: path.join(home, 'workspaces'),
    UI_ROOT: path.join(home, 'root')
  };
  Object.values(dirs).forEach(dir => fs.mkdirSync(dir, { recursive: true }));
  const inherited = { ...process.env };
  for (const name of Object.keys(inherited)) {
    if (/^(MLRUN_|JUPYTER_MLRUN)/.test(name)) {
      delete inherited[name];
    }
  }
  return { ...inherited, ...dirs };
}

const jupyter = inEnvironment('jupyter');
const authHome = isolated('auth');

// pods reach the service at the one address of this machine that it then listens at
const { UI_NAMESPACE: namespace, UI_HOST: host, UI_PORT: port } = process.env;
const image = process.env.CLUSTER_IMAGE || 'localhost/hostrun:1';
const builderOptions = registryPort
  ? [
      `--MLRunBuilder.registry=${host}:${registryPort}`,
      '--MLRunBuilder.builder=buildah',
      `--MLRunBuilder.buildah_image=${image}`,
      `--MLRunBuilder.init_image=${image}`,
      '--MLRunBuilder.insecure_push=enabled'
    ]
  : [];
const clusterOptions = onCluster
  ? [
      '',
      ...builderOptions,
      `--ServerApp.ip=${host}`,
      `--MLRunCluster.kubeconfig=${process.env.KUBECONFIG}`,
      `--MLRunCluster.namespace=${namespace}`,
      `--MLRunCluster.default_image=${image}`,
      `--MLRunCluster.url=http://${host}:${port}/mlrun`
    ].join(' ')
  : '';

module.exports = {
  ...baseConfig,
  testDir: './tests',
  ...(onCluster ? { testMatch: needsCluster } : { testIgnore: needsCluster }),
  outputDir: './test-results',
  globalTeardown: require.resolve('./teardown.js'),
  timeout: 180000,
  expect: { timeout: 20000 }, // a busy machine is slow, not wrong
  workers,
  fullyParallel: true, // whichever worker is free takes the next test
  retries: process.env.CI ? 1 : 0,
  reporter: [['list']],
  use: {
    ...baseConfig.use,
    baseURL: process.env.TARGET_URL,
    video: 'off', // Playwright's video needs its own ffmpeg download
    // a trace of each test costs as much as the test
    trace: process.env.CI ? 'on-first-retry' : 'retain-on-failure',
    // without a GPU each frame of an animation costs as much as what is tested
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync'
      ]
    }
  },
  // galata's servers have no token and no XSRF check, so another one keeps both on
  webServer: [
    ...ports.map((port, index) => ({
      command: `${jupyter} lab --config jupyter_server_test_config.py${clusterOptions}`,
      env: { ...isolated(`galata-${index}`), UI_PORT: port },
      url: `${addressOf(port)}/lab`,
      timeout: 120000,
      reuseExistingServer: false
    })),
    {
      command: `${jupyter} lab --no-browser --allow-root --ip=127.0.0.1 --port=${process.env.AUTH_PORT} --ServerApp.port_retries=0 --LabApp.expose_app_in_browser=True --IdentityProvider.token=ui-token --ServerApp.root_dir=${authHome.UI_ROOT}`,
      env: authHome,
      url: `${process.env.AUTH_URL}/api`,
      timeout: 120000,
      reuseExistingServer: false
    },
    ...(registryPort
      ? [
          {
            command: `${inEnvironment('python')} -m tests.cluster.registry ${registryPort}`,
            cwd: path.join(__dirname, '..'),
            url: `http://127.0.0.1:${registryPort}/v2/`,
            timeout: 60000,
            reuseExistingServer: false
          }
        ]
      : [])
  ]
};
