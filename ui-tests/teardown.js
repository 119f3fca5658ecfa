const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

/** Runs outlive their server, as they should: those of the test servers end here. */
module.exports = () => {
  const { UI_HOME: home, UI_NAMESPACE: namespace } = process.env;
  if (namespace) {
    const root = path.join(__dirname, '..');
    const own = path.join(root, '.venv', 'bin', 'python');
    const python = fs.existsSync(own) ? own : 'python';
    const command = ['-m', 'tests.cluster.place', 'down', namespace];
    spawnSync(python, command, { cwd: root, stdio: 'inherit' });
  }
  spawnSync('pkill', ['-KILL', '-f', `${home}/.*/data/mlrun/runs/`]);
  fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 });
};
