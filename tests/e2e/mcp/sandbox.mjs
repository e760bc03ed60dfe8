// A temporary home in which the real program runs, and helpers that the scripts share.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const runFile = promisify(execFile);

export const program = process.argv[2];
export const revision = '2026-07-28';
export const unknownJob = '01a20320-ffff-7fff-bfff-ffffffffffff';
/** Allows every verb, so that submit_job, cancel_job and retry_job are listed. */
export const allowAll = ['--allow', 'submit,cancel,retry'];

const home = mkdtempSync(join(tmpdir(), 'atlasjob-e2e-'));
export const inHome = (...parts) => join(home, ...parts);

/** The server's environment: only PATH is inherited. An empty `person` sets no principal. */
export function environment(person = 'alice', extra = {}) {
    const principal = person ? { ATLASJOB_PRINCIPAL: person } : {};
    return { PATH: process.env.PATH, HOME: home, ...principal, ...extra };
}

/** Runs the program as that principal and returns its output. */
export async function atlasjobAs(person, ...args) {
    const { stdout } = await runFile(program, args, { env: environment(person) });
    return stdout.trim();
}
export const atlasjob = (...args) => atlasjobAs('alice', ...args);
export const statusOf = async (job) => JSON.parse(await atlasjob('status', '--json', job));

/** Creates a job for an external executor: its status changes only by explicit commands. */
export const create = (...args) =>
    atlasjob('create', '--kind', 'sync', '--target', '{"channel_id":"C0ENG"}', ...args);

/** Creates a job of alice in each of the five statuses. */
export async function makeJobs() {
    const jobs = { queued: await create() };
    for (const status of ['running', 'done', 'error', 'cancelled']) {
        jobs[status] = await create('--start');
        await atlasjob('report', jobs[status], '--progress', '0.42');
    }
    await atlasjob('finish', jobs.done, '--result', '{"messages_synced":711}');
    await atlasjob('finish', jobs.error, '--error', 'bridge timeout after 30 s');
    await atlasjob('finish', jobs.cancelled, '--cancelled');
    return jobs;
}

let gates = 0;
/** A command that runs until its gate is opened, and a function that opens it. */
export function gated() {
    const gate = inHome(`gate-${(gates += 1)}`);
    execFileSync('mkfifo', [gate]);
    return { command: ['sh', '-c', `read line <"${gate}"`], open: () => writeFile(gate, 'go\n') };
}

/** The command line of the MCP server, for a client's transport. */
export const serverCommand = (...options) => ({ command: program, args: ['mcp', ...options] });

/** Connects a client of either SDK to a new server. `env` is added to the server's environment. */
export async function connectTo(client, Transport, { options = [], env = {}, person = 'alice' }) {
    client.onerror = (error) => assert.fail(`the client rejected a message: ${error}`);
    await client.connect(
        new Transport({ ...serverCommand(...options), env: environment(person, env) }),
    );
    // After listTools() the client checks each structured result against its tool's output schema.
    await client.listTools();
    return client;
}

/** The server process of a client of either SDK. */
export const processOf = (client) => client.transport._process;

const ended = (child) =>
    new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) resolve([child.exitCode, child.signalCode]);
        else child.once('exit', (code, signal) => resolve([code, signal]));
    });

/** Closes the connection and checks that the server exits with 0. */
export async function closeCleanly(client) {
    const end = ended(processOf(client));
    await client.close();
    assert.deepEqual(await end, [0, null]);
}

/** Kills the server, like a crash. */
export async function kill(client) {
    const end = ended(processOf(client));
    processOf(client).kill('SIGKILL');
    assert.deepEqual(await end, [null, 'SIGKILL']);
}

/** An asynchronous queue: `push` adds an item, `next` waits for the first one. */
export class AsyncQueue {
    #items = [];
    #waiting = [];

    push = (item) => {
        const resolve = this.#waiting.shift();
        if (resolve) resolve(item);
        else this.#items.push(item);
    };

    next() {
        if (this.#items.length > 0) return Promise.resolve(this.#items.shift());
        return new Promise((resolve) => this.#waiting.push(resolve));
    }

    /** Waits for the next item that matches; skips those before it. */
    async first(matches) {
        for (;;) {
            const item = await this.next();
            if (matches(item)) return item;
        }
    }
}

/** The structured content of a successful result, which must equal the JSON of its text. */
export function answerOf(result) {
    assert.ok(!result.isError, `unexpected isError: ${JSON.stringify(result).slice(0, 500)}`);
    assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
    return result.structuredContent;
}

/** The text of a result with isError. */
export function failureOf(result) {
    assert.equal(result.isError, true, `isError expected: ${JSON.stringify(result).slice(0, 500)}`);
    return result.content[0].text;
}

/** Sends SIGTERM to the on-demand workers and returns once they have exited. */
export async function stopWorkers() {
    const { stdout } = await runFile(program, ['doctor', '--json'], { env: environment() }).catch(
        (error) => error,
    );
    const findings = stdout ? JSON.parse(stdout).findings : [];
    const texts = findings.filter(({ subject }) => subject === 'workers').map(({ text }) => text);
    const pids = [...texts.join().matchAll(/pid (\d+)/g)].map(([, pid]) => pid);
    for (const pid of pids) {
        // tail exits when that process does, which is not a child of this one.
        const gone = ended(spawn('tail', [`--pid=${pid}`, '-f', '/dev/null'], { stdio: 'ignore' }));
        try {
            process.kill(Number(pid));
        } catch (error) {
            assert.equal(error.code, 'ESRCH');
        }
        await gone;
    }
}

process.on('exit', () => rmSync(home, { recursive: true, force: true, maxRetries: 10 }));
