// official_client.mjs PROGRAM: asks `PROGRAM mcp` about jobs through the official client.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';

const program = process.argv[2];
const home = mkdtempSync(join(tmpdir(), 'atlasjob-e2e-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));

/** Runs the program as that person, and returns what it printed. */
function atlasjob(person, ...args) {
    const env = { PATH: process.env.PATH, HOME: home, ATLASJOB_PRINCIPAL: person };
    return execFileSync(program, args, { env, encoding: 'utf8' }).trim();
}

/** A job of alice's in each of the five statuses, and one of bob's. */
function makeJobs() {
    const create = (person, ...args) =>
        atlasjob(person, 'create', '--kind', 'sync', '--target', '{"channel_id":"C0ENG"}', ...args);
    const jobs = { queued: create('alice') };
    for (const status of ['running', 'done', 'error', 'cancelled']) {
        jobs[status] = create('alice', '--start');
        atlasjob('alice', 'report', jobs[status], '--progress', '0.42');
    }
    atlasjob('alice', 'finish', jobs.done, '--result', '{"messages_synced":711}');
    atlasjob('alice', 'finish', jobs.error, '--error', 'bridge timeout after 30 s');
    atlasjob('alice', 'finish', jobs.cancelled, '--cancelled');
    jobs.foreign = create('bob');
    return jobs;
}

async function connect(person) {
    const env = { HOME: home };
    if (person) env.ATLASJOB_PRINCIPAL = person;
    const args = person ? ['mcp'] : ['mcp', '--require-principal'];
    const client = new Client({ name: 'atlasjob-e2e', version: '1.0.0' });
    client.onerror = (error) => assert.fail(`the client rejected a message: ${error}`);
    await client.connect(new StdioClientTransport({ command: program, args, env }));
    return client;
}

const ask = (client, args) => client.callTool({ name: 'get_job_status', arguments: args });

/** The answer of get_job_status, which must be a normal one and the same in both its forms. */
async function status(client, job_id) {
    const result = await ask(client, { job_id });
    assert.equal(result.isError, false);
    assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
    return result.content[0].text;
}

const keys = [
    'job_id', 'kind', 'status', 'progress', 'started_at', 'updated_at', 'ended_at', 'result',
    'error', 'target',
];

async function checkJob(client, job_id, expected) {
    const text = await status(client, job_id);
    const job = JSON.parse(text);
    assert.deepEqual(Object.keys(job), keys);
    assert.equal(job.job_id, job_id);
    assert.equal(job.kind, 'sync');
    assert.deepEqual(job.target, { channel_id: 'C0ENG' });
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(job[key], value, key);
    const { contents } = await client.readResource({ uri: `atlas://job/${job_id}` });
    assert.equal(contents.length, 1);
    assert.equal(contents[0].text, text);
    assert.equal(contents[0].mimeType, 'application/json');
}

async function checkTools(client) {
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map((tool) => tool.name), ['get_job_status']);
    const [tool] = tools;
    assert.deepEqual(tool.inputSchema.required, ['job_id']);
    assert.ok(tool.title && tool.outputSchema && tool.description.length < 2048);
    assert.deepEqual(tool.annotations, {
        readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false,
    });
}

async function checkRefusals(client, jobs) {
    const notFound = (job_id) => JSON.stringify({ error: 'job_not_found', job_id });
    const unknown = '01a20320-ffff-7fff-bfff-ffffffffffff';
    for (const id of [unknown, jobs.foreign, 'job_nope', '1']) {
        assert.equal(await status(client, id), notFound(id));
        await assert.rejects(
            client.readResource({ uri: `atlas://job/${id}` }),
            (error) => error instanceof McpError && error.code === -32002,
        );
    }
    for (const id of ['', '../../etc', 'x'.repeat(129), 'a\nb']) {
        assert.equal(
            await status(client, id),
            '{"error":"invalid_parameter","parameter":"job_id"}',
        );
    }
    for (const args of [{}, { job_id: 42 }, { job_id: null }, { id: 'x' }]) {
        const result = await ask(client, args);
        assert.equal(result.isError, true);
        assert.match(result.content[0].text, /job_id/);
    }
    await assert.rejects(client.callTool({ name: 'no_such_tool' }), { code: -32602 });
}

async function checkResources(client, jobs) {
    const { resources } = await client.listResources();
    const own = [jobs.cancelled, jobs.error, jobs.done, jobs.running, jobs.queued];
    assert.deepEqual(resources.map((resource) => resource.uri), own.map((id) => `atlas://job/${id}`));
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.deepEqual(
        resourceTemplates.map((template) => template.uriTemplate),
        ['atlas://job/{job_id}'],
    );
}

/** Closes the connection and checks that the server left by itself, in order. */
async function closeInOrder(client) {
    const child = client.transport._process;
    const ended = new Promise((resolve) => {
        child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    await client.close();
    assert.deepEqual(await ended, { code: 0, signal: null });
}

async function checkBeforeTheFirstJob() {
    const client = await connect('alice');
    assert.deepEqual((await client.listResources()).resources, []);
    const result = await ask(client, { job_id: 'job_nope' });
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, /no ledger/);
    const jobs = makeJobs();
    await checkJob(client, jobs.queued, { status: 'queued' });
    await closeInOrder(client);
    return jobs;
}

async function checkJobs(client, jobs) {
    await checkJob(client, jobs.queued, { status: 'queued', progress: null, started_at: null });
    await checkJob(client, jobs.running, { status: 'running', progress: 0.42, ended_at: null });
    await checkJob(client, jobs.done, {
        status: 'done', progress: 1, result: { messages_synced: 711 }, error: null,
    });
    await checkJob(client, jobs.error, {
        status: 'error', result: null, error: 'bridge timeout after 30 s',
    });
    await checkJob(client, jobs.cancelled, { status: 'cancelled', result: null });
}

const jobs = await checkBeforeTheFirstJob();

const client = await connect('alice');
assert.equal(client.getServerVersion().name, 'atlasjob');
assert.deepEqual(client.getServerCapabilities(), { tools: {}, resources: {} });
assert.ok(client.getInstructions().length < 2048);
await client.ping();
await checkTools(client);
await checkJobs(client, jobs);
await checkRefusals(client, jobs);
await checkResources(client, jobs);
await client.ping();
await closeInOrder(client);

const nobody = await connect(null);
assert.equal(await status(nobody, jobs.done), '{"error":"authentication_missing"}');
await closeInOrder(nobody);

console.log('the official client got what the contract promises');
