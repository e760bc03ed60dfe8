// The official client of the second line: the same questions and answers in both eras.
import assert from 'node:assert/strict';
import { SdkError } from '@modelcontextprotocol/client';
import { check, finish } from './check.mjs';
import {
    allowAll, answerOf, Arrivals, atlasjob, atlasjobAs, closeInOrder, create, endWorkers, failureOf,
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
        // (The client makes this of the legacy era's -32002 as well.)
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

/** Opens what each era has for hearing of changes; returns how to close it. */
async function watch(client, era, uri) {
    if (era === 'modern') {
        const subscription = await client.listen({ resourceSubscriptions: [uri] });
        assert.deepEqual(subscription.honoredFilter, { resourceSubscriptions: [uri] });
        return () => subscription.close();
    }
    await client.subscribeResource({ uri });
    return () => client.unsubscribeResource({ uri });
}

async function hearOfChanges(client, era) {
    const updates = new Arrivals();
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => updates.push(params.uri));
    const job = await create('--start');
    const close = await watch(client, era, uriOf(job));
    await atlasjob('report', job, '--progress', '0.5');
    assert.equal(await updates.next(), uriOf(job));
    await atlasjob('finish', job);
    assert.equal(await updates.next(), uriOf(job));
    await close();
}

async function waitWithoutPatience(client) {
    const job = await create('--start');
    await assert.rejects(waitFor(client, job, { timeout: 500 }), SdkError);
    const reports = new Arrivals();
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
    await check(`${name}: changes by other processes are heard of`, () => hearOfChanges(client, era));
    await check(`${name}: a wait that times out leaves the job alone`, () => waitWithoutPatience(client));
    await check(`${name}: jobs are started and queued again`, () => act(client));
    await check(`${name}: the server leaves in order`, () => closeInOrder(client));
}

await check('A subscription is ended by the server when its input ends', async () => {
    const client = await connect(modes.pinned.mode);
    const subscription = await client.listen({ resourceSubscriptions: [uriOf(jobs.running)] });
    client.transport._process.stdin.end();
    assert.equal(await subscription.closed, 'graceful');
    await client.close();
});

await check('What nobody may watch is not promised', async () => {
    const client = await connect(modes.pinned.mode);
    const wanted = [jobs.foreign, unknownJob, jobs.running].map(uriOf);
    const subscription = await client.listen({ resourceSubscriptions: wanted });
    assert.deepEqual(subscription.honoredFilter.resourceSubscriptions, [uriOf(jobs.running)]);
    await subscription.close();
    await closeInOrder(client);
});

await endWorkers();
finish();
