const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

/** Runs outlive their server, as they should: those of the test servers end here. */
module.exports = () => {
  const { UI_HOME: home, UI_NAMESPACE: namespace } = process.env;
  if (namespace) {
    const script = path.join(__dirname, 'cluster.py');
    const own = path.join(__dirname, '..', '.venv', 'bin', 'python');
    const python = fs.existsSync(own) ? own : 'python';
    spawnSync(python, [script, 'down', namespace], { stdio: 'inherit' });
  }
  spawnSync('pkill', ['-KILL', '-f', `${home}/.*/data/mlrun/runs/`]);
  fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 });
};
