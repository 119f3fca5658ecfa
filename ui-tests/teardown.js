const { spawnSync } = require('child_process');
const fs = require('fs');

/** Runs outlive their server, as they should: those of the test servers end here. */
module.exports = () => {
  const home = process.env.UI_HOME;
  spawnSync('pkill', ['-KILL', '-f', `${home}/.*/data/mlrun/runs/`]);
  fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 });
};
