// SDK v2: the same requests and answers in legacy, auto and pinned mode.
import assert from 'node:assert/strict';
import { SdkError } from '@modelcontextprotocol/client';
import { check, finish } from './check.mjs';
import {
    allowAll, answerOf, AsyncQueue, atlasjob, atlasjobAs, closeCleanly, create, stopWorkers, failureOf,
    makeJobs, unknownJob,
} from './sandbox.mjs';
import { call, connect, modes } from './sdk_v2.mjs';

const jobs = await makeJobs();
jobs.foreign = await atlasjobAs('bob', 'create', '--kind', 'sync');
const uriOf = (job) => `atlas://job/${job}`;
const waitFor = (client, job_id, options) =>
    call(client, 'wait_for_job', { job_id, timeout_seconds: 600 }, { timeout: 300_000, ...options });

async function askEachTool(client) {
    const ask = async (name, args) => answerOf(await call(client, name, args));
    assert.equal((await ask('get_job_status', { job_id: jobs.done })).status, 'done');
    assert.equal((await ask('get_job', { job_id: jobs.error })).error, 'bridge timeout after 30 s');
    assert.equal((await ask('list_jobs', { status: ['running'] })).jobs[0].job_id, jobs.running);
    assert.equal((await ask('wait_for_job', { job_id: jobs.cancelled })).timed_out, false);
    assert.equal((await ask('get_job_output', { job_id: jobs.done })).text, '');
    assert.equal((await ask('get_job_statistics', {})).by_status.queued, 1);
    assert.match(failureOf(await call(client, 'get_job', { job_id: 42 })), /job_id/);
    await assert.rejects(call(client, 'no_such_tool', {}), { code: -32602 });
}

async function readEverything(client) {
    const { resources } = await client.listResources();
    for (const { uri } of resources) {
        assert.equal((await client.readResource({ uri })).contents[0].uri, uri);
    }
    assert.ok(resources.some(({ uri }) => uri === uriOf(jobs.done)));
    assert.ok((await client.listResourceTemplates()).resourceTemplates.length >= 2);
    for (const job of [unknownJob, jobs.foreign]) {
        // The client maps the legacy code -32002 to this one, too.
        await assert.rejects(client.readResource({ uri: uriOf(job) }), { code: -32602 });
    }
    const [prompt] = (await client.listPrompts()).prompts;
    const { messages } = await client.getPrompt({ name: prompt.name, arguments: { job_id: jobs.error } });
    assert.match(messages[0].content.text, new RegExp(jobs.error));
    const { completion } = await client.complete({
        ref: { type: 'ref/prompt', name: prompt.name }, argument: { name: 'job_id', value: jobs.done },
    });
    assert.deepEqual(completion.values, [jobs.done]);
}

/** Subscribes to a resource with the method of the era; returns a function that unsubscribes. */
async function subscribe(client, era, uri) {
    if (era === 'modern') {
        const subscription = await client.listen({ resourceSubscriptions: [uri] });
        assert.deepEqual(subscription.honoredFilter, { resourceSubscriptions: [uri] });
        return () => subscription.close();
    }
    await client.subscribeResource({ uri });
    return () => client.unsubscribeResource({ uri });
}

async function receiveChanges(client, era) {
    const updates = new AsyncQueue();
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => updates.push(params.uri));
    const job = await create('--start');
    const close = await subscribe(client, era, uriOf(job));
    await atlasjob('report', job, '--progress', '0.5');
    assert.equal(await updates.next(), uriOf(job));
    await atlasjob('finish', job);
    assert.equal(await updates.next(), uriOf(job));
    await close();
}

async function waitWithTimeout(client) {
    const job = await create('--start');
    await assert.rejects(waitFor(client, job, { timeout: 500 }), SdkError);
    const reports = new AsyncQueue();
    const waiting = waitFor(client, job, { onprogress: reports.push });
    await atlasjob('report', job, '--progress', '0.5');
    assert.ok((await reports.next()).progress > 0);
    await atlasjob('finish', job);
    assert.equal(answerOf(await waiting).status, 'done');
}

async function act(client) {
    const { job_id } = answerOf(await call(client, 'submit_job', { command: ['sh', '-c', 'exit 3'] }));
    const ended = answerOf(await waitFor(client, job_id));
    assert.equal(ended.status, 'error');
    assert.equal(ended.exit_code, 3);
    answerOf(await call(client, 'retry_job', { job_id }));
    assert.equal(answerOf(await waitFor(client, job_id)).attempt, 2);
}

for (const [name, { mode, era, speaks }] of Object.entries(modes)) {
    const client = await connect(mode, { options: allowAll });
    await check(`${name}: client and server agree on the revision`, () => {
        assert.equal(client.getProtocolEra(), era);
        assert.equal(client.getNegotiatedProtocolVersion(), speaks);
        assert.equal(client.getServerVersion().name, 'atlasjob');
        assert.ok(client.getInstructions().length < 2048);
    });
    await check(`${name}: each tool answers`, () => askEachTool(client));
    await check(`${name}: resources, prompts and completions answer`, () => readEverything(client));
    await check(`${name}: changes by other processes are notified`, () => receiveChanges(client, era));
    await check(`${name}: a wait that times out leaves the job alone`, () => waitWithTimeout(client));
    await check(`${name}: jobs are submitted and retried`, () => act(client));
    await check(`${name}: the server exits with 0`, () => closeCleanly(client));
}

await check('the server ends a subscription when its input ends', async () => {
    const client = await connect(modes.pinned.mode);
    const subscription = await client.listen({ resourceSubscriptions: [uriOf(jobs.running)] });
    client.transport._process.stdin.end();
    assert.equal(await subscription.closed, 'graceful');
    await client.close();
});

await check('a subscription acknowledges only resources that the caller may read', async () => {
    const client = await connect(modes.pinned.mode);
    const uris = [jobs.foreign, unknownJob, jobs.running].map(uriOf);
    const subscription = await client.listen({ resourceSubscriptions: uris });
    assert.deepEqual(subscription.honoredFilter.resourceSubscriptions, [uriOf(jobs.running)]);
    await subscription.close();
    await closeCleanly(client);
});

await stopWorkers();
finish();
