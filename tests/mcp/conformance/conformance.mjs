// Runs the scenarios that apply to this server, one after another, against FIXTURES behind a bridge from
// HTTP to stdio.
//   conformance.mjs FIXTURES PROGRAM MODULES
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [fixtures, program, modules] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'atlasjob-conformance-'));
const ledger = join(scratch, 'ledger.db');
const env = { PATH: process.env.PATH, HOME: scratch };
const timeoutMs = 240_000;

/** Scenarios for the features of this server; README.md explains why others are missing. */
const scenarios = {
    '2026-07-28': [
        'server-stateless', 'completion-complete', 'tools-list', 'tools-call-simple-text',
        'tools-call-error', 'tools-call-with-progress', 'server-sse-multiple-streams',
        'resources-list', 'resources-read-text', 'resources-templates-read',
        'sep-2164-resource-not-found', 'prompts-list', 'prompts-get-simple',
        'prompts-get-with-args', 'caching', 'input-required-result-unsupported-methods',
        'tasks-lifecycle', 'tasks-capability-negotiation', 'tasks-wire-fields',
        'tasks-request-state-removal', 'tasks-request-headers', 'tasks-dispatch-and-envelope',
        'tasks-status-notifications', 'tasks-required-task-error',
    ],
    '2025-11-25': [
        'server-initialize', 'ping', 'completion-complete', 'tools-list', 'tools-call-simple-text',
        'tools-call-error', 'tools-call-with-progress', 'server-sse-multiple-streams',
        'resources-list', 'resources-read-text', 'resources-templates-read', 'resources-subscribe',
        'resources-unsubscribe', 'prompts-list', 'prompts-get-simple', 'prompts-get-with-args',
    ],
};
/** The bridge starts a server for each modern request, and one for each legacy session. */
const bridges = {
    '2026-07-28': { port: 3001, options: [] },
    '2025-11-25': { port: 3002, options: ['--stateful'] },
};

const started = [];

/** Starts a program that runs until stopAll(). */
function startInBackground(command, args) {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(child);
    return child;
}

async function stopAll() {
    for (const child of started) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGTERM');
        await once(child, 'exit');
    }
}

async function startBridge({ port, options }) {
    const bridge = startInBackground(process.execPath, [
        join(modules, 'supergateway/dist/index.js'), '--stdio', `${fixtures} ${ledger}`,
        '--outputTransport', 'streamableHttp', '--port', `${port}`, ...options,
    ]);
    const lines = createInterface({ input: bridge.stdout });
    await new Promise((resolve, reject) => {
        lines.on('line', (line) => line.includes('Listening on port') && resolve());
        bridge.once('exit', () => reject(new Error('the bridge exited')));
    });
}

/** Runs a scenario; returns the suite's output, and whether it passed except for expected failures. */
async function run(scenario, revision) {
    const child = spawn(process.execPath, [
        join(modules, '@modelcontextprotocol/conformance/dist/index.js'), 'server',
        '--url', `http://127.0.0.1:${bridges[revision].port}/mcp`, '--scenario', scenario,
        '--spec-version', revision, '--force', '--timeout', `${timeoutMs / 2}`,
        '--expected-failures', join(here, `expected-${revision}.yaml`),
        '--output-dir', join(scratch, 'results'),
    ], { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    const [code] = await once(child, 'close');
    return { passed: code === 0, output };
}

let failed = 0;
try {
    // A worker creates no ledger. This job is of another owner, so that no scenario sees it.
    spawnSync(program, ['--ledger', ledger, '--principal', 'nobody', 'create', '-q']);
    startInBackground(program, ['--ledger', ledger, '--principal', 'alice', 'worker', '--slots', '4']).stdout.resume();
    for (const [revision, names] of Object.entries(scenarios)) {
        await startBridge(bridges[revision]);
        for (const name of names) {
            const { passed, output } = await run(name, revision);
            const [counts] = output.match(/Passed: .*/) ?? [''];
            console.log(`${passed ? 'ok' : 'not ok'} - ${revision} ${name} ${counts}`);
            if (!passed) {
                failed += 1;
                console.log(output);
            }
        }
    }
} finally {
    await stopAll();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 10 });
}
console.log(failed === 0 ? 'the suite passed' : `${failed} scenarios failed`);
process.exit(failed === 0 ? 0 : 1);
