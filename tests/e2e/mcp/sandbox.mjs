// A home of its own in which the real program runs, and what the scripts here ask again and again.
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
/** Opens every verb: the tools that start, end and queue again are listed then. */
export const allowAll = ['--allow', 'submit,cancel,retry'];

const home = mkdtempSync(join(tmpdir(), 'atlasjob-e2e-'));
export const inHome = (...parts) => join(home, ...parts);

/** What a host gives the server: nothing of the tester's own environment but PATH. No `person`: ''. */
export function environment(person = 'alice', more = {}) {
    const principal = person ? { ATLASJOB_PRINCIPAL: person } : {};
    return { PATH: process.env.PATH, HOME: home, ...principal, ...more };
}

/** Runs the program as that person, and returns what it printed. */
export async function atlasjobAs(person, ...args) {
    const { stdout } = await runFile(program, args, { env: environment(person) });
    return stdout.trim();
}
export const atlasjob = (...args) => atlasjobAs('alice', ...args);
export const statusOf = async (job) => JSON.parse(await atlasjob('status', '--json', job));

/** A job that somebody else executes: it stands as it is until it is told otherwise. */
export const create = (...args) =>
    atlasjob('create', '--kind', 'sync', '--target', '{"channel_id":"C0ENG"}', ...args);

/** A job of alice's in each of the five statuses. */
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
/** A command that runs until its gate is opened, and the way to open it. */
export function gated() {
    const gate = inHome(`gate-${(gates += 1)}`);
    execFileSync('mkfifo', [gate]);
    return { command: ['sh', '-c', `read line <"${gate}"`], open: () => writeFile(gate, 'go\n') };
}

/** The program started as an MCP server by hand: what a client's transport is told to start. */
export const serverCommand = (...options) => ({ command: program, args: ['mcp', ...options] });

/** Connects a client of either SDK to a server of its own. `env`: more than its host's environment. */
export async function connectTo(client, Transport, { options = [], env = {}, person = 'alice' }) {
    client.onerror = (error) => assert.fail(`the client rejected a message: ${error}`);
    await client.connect(
        new Transport({ ...serverCommand(...options), env: environment(person, env) }),
    );
    // From here on the client checks each structured result against its tool's output schema.
    await client.listTools();
    return client;
}

/** The process behind a client of either SDK. */
export const processOf = (client) => client.transport._process;

const ended = (child) =>
    new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) resolve([child.exitCode, child.signalCode]);
        else child.once('exit', (code, signal) => resolve([code, signal]));
    });

/** Closes the connection and checks that the server left by itself, in order. */
export async function closeInOrder(client) {
    const end = ended(processOf(client));
    await client.close();
    assert.deepEqual(await end, [0, null]);
}

/** Ends the server as a crash would. */
export async function kill(client) {
    const end = ended(processOf(client));
    processOf(client).kill('SIGKILL');
    assert.deepEqual(await end, [null, 'SIGKILL']);
}

/** The first of what will come: `push` it there, await `next` here. */
export class Arrivals {
    #unseen = [];
    #waiting = [];

    push = (item) => {
        const taker = this.#waiting.shift();
        if (taker) taker(item);
        else this.#unseen.push(item);
    };

    next() {
        if (this.#unseen.length > 0) return Promise.resolve(this.#unseen.shift());
        return new Promise((resolve) => this.#waiting.push(resolve));
    }

    /** The next one that fits; those before it are passed over. */
    async first(fits) {
        for (;;) {
            const item = await this.next();
            if (fits(item)) return item;
        }
    }
}

/** A normal answer's JSON, which must be the same in both its forms. */
export function answerOf(result) {
    assert.ok(!result.isError, `an error result: ${JSON.stringify(result).slice(0, 500)}`);
    assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
    return result.structuredContent;
}

/** The text of a result that says the call failed. */
export function failureOf(result) {
    assert.equal(result.isError, true, `no error result: ${JSON.stringify(result).slice(0, 500)}`);
    return result.content[0].text;
}

/** Tells the workers that were started on demand to leave and returns once they have. */
export async function endWorkers() {
    const { stdout } = await runFile(program, ['doctor', '--json'], { env: environment() }).catch(
        (error) => error,
    );
    const findings = stdout ? JSON.parse(stdout).findings : [];
    const told = findings.filter(({ subject }) => subject === 'workers').map(({ text }) => text);
    const pids = [...told.join().matchAll(/pid (\d+)/g)].map(([, pid]) => pid);
    for (const pid of pids) {
        // tail leaves when that process has: it is no child of ours to be waited for.
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
