// Runs the scenarios that apply to this server, one after the other, against FIXTURES behind a bridge
// from HTTP to standard input and output.
//   conformance.mjs FIXTURES PROGRAM MODULES
import { spawn } from 'node:child_process';
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
const patienceMs = 240_000;

/** Features of the protocol that this server has; README.md says why the suite's others are not here. */
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

/** Starts a program that stays until stopAll(). */
function startBeside(command, args) {
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
    const bridge = startBeside(process.execPath, [
        join(modules, 'supergateway/dist/index.js'), '--stdio', `${fixtures} ${ledger}`,
        '--outputTransport', 'streamableHttp', '--port', `${port}`, ...options,
    ]);
    const lines = createInterface({ input: bridge.stdout });
    await new Promise((resolve, reject) => {
        lines.on('line', (line) => line.includes('Listening on port') && resolve());
        bridge.once('exit', () => reject(new Error('the bridge left')));
    });
}

/** What the suite says to a scenario, and whether it is content: all passed but what is expected. */
async function run(scenario, revision) {
    const child = spawn(process.execPath, [
        join(modules, '@modelcontextprotocol/conformance/dist/index.js'), 'server',
        '--url', `http://127.0.0.1:${bridges[revision].port}/mcp`, '--scenario', scenario,
        '--spec-version', revision, '--force', '--timeout', `${patienceMs / 2}`,
        '--expected-failures', join(here, `expected-${revision}.yaml`),
        '--output-dir', join(scratch, 'results'),
    ], { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: patienceMs });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    const [code] = await once(child, 'close');
    return { content: code === 0, said };
}

let failed = 0;
try {
    startBeside(program, ['--ledger', ledger, '--principal', 'alice', 'worker', '--slots', '4']).stdout.resume();
    for (const [revision, names] of Object.entries(scenarios)) {
        await startBridge(bridges[revision]);
        for (const name of names) {
            const { content, said } = await run(name, revision);
            const [counts] = said.match(/Passed: .*/) ?? [''];
            console.log(`${content ? 'ok' : 'not ok'} - ${revision} ${name} ${counts}`);
            if (!content) {
                failed += 1;
                console.log(said);
            }
        }
    }
} finally {
    await stopAll();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 10 });
}
console.log(failed === 0 ? 'the suite is content' : `${failed} scenarios failed`);
process.exit(failed === 0 ? 0 : 1);
