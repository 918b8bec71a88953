// Copies what the pages load from npm packages to wwwroot/vendor, so that no request leaves for the internet.
// Several builds may run this at once: a lock folder (made atomically, with its owner's process id) lets one in at a time.
import { execSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const vendor = join(root, 'wwwroot', 'vendor');
const lock = join(root, 'obj', 'vendor.lock');
const subsets = ['latin', 'latin-ext', 'cyrillic', 'greek'];

const files = [
  ['apexcharts/dist/apexcharts.esm.js', 'apexcharts/apexcharts.esm.js'],
  ['apexcharts/LICENSE', 'apexcharts/LICENSE'],
  ['@fontsource-variable/inter/LICENSE', 'fonts/inter-LICENSE'],
  ['@fontsource/jetbrains-mono/LICENSE', 'fonts/jetbrains-mono-LICENSE'],
  ...subsets.map(s => [`@fontsource-variable/inter/files/inter-${s}-wght-normal.woff2`, `fonts/inter-${s}.woff2`]),
  ...['latin', 'latin-ext', 'cyrillic', 'greek'].flatMap(s => [400, 500, 600].map(w =>
    [`@fontsource/jetbrains-mono/files/jetbrains-mono-${s}-${w}-normal.woff2`, `fonts/jetbrains-mono-${s}-${w}.woff2`])),
];

function json(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Whether every locked package is there in its locked version. */
function current() {
  const locked = json(join(root, 'package-lock.json')).packages;
  return Object.entries(locked).every(([path, { version }]) => {
    if (path === '') {
      return true;
    }

    const file = join(root, path, 'package.json');
    return existsSync(file) && json(file).version === version;
  });
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function acquire() {
  mkdirSync(dirname(lock), { recursive: true });
  const owner = join(lock, 'pid');
  for (let waited = 0; ; waited += 100) {
    try {
      mkdirSync(lock);
      writeFileSync(owner, String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') {
        throw error;
      }
    }

    const pid = existsSync(owner) ? Number(readFileSync(owner, 'utf8')) : 0;
    if ((pid > 0 && !alive(pid)) || (pid === 0 && waited > 5000)) {
      rmSync(lock, { recursive: true, force: true });
    } else if (waited > 300_000) {
      throw new Error(`${lock} is held by process ${pid}; remove it if that is wrong`);
    } else {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}

acquire();
try {
  if (!current()) {
    try {
      execSync('npm ci --no-audit --no-fund --loglevel=error', { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (error) {
      const said = String(error.stderr ?? error).trim().split('\n').filter(line => !line.includes('npm warn')).slice(0, 3).join(' ');
      console.error(`LogPipeline.Web/Scripts/vendor.mjs : error LPW002: npm ci failed, so fonts and charts are missing. It needs npm and its registry once; afterwards builds work offline. ${said}`);
      process.exitCode = 1;
    }
  }

  if (!process.exitCode) {
    for (const [from, to] of files) {
      const target = join(vendor, to);
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(modules, from), target);
    }

    const { dependencies } = json(join(root, 'package.json'));
    writeFileSync(join(vendor, 'versions.json'), `${JSON.stringify(dependencies, null, 2)}\n`);
  }
} finally {
  rmSync(lock, { recursive: true, force: true });
}
