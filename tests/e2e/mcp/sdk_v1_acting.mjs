// SDK v1 submits, waits for, cancels and retries jobs: with progress, timeouts and tasks of 2025-11-25.
import assert from 'node:assert/strict';
import { CallToolResultSchema, ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { check, finish } from './check.mjs';
import {
    allowAll, answerOf, AsyncQueue, atlasjob, closeCleanly, create, stopWorkers, failureOf, gated,
    kill, statusOf, unknownJob,
} from './sandbox.mjs';
import { call, connect } from './sdk_v1.mjs';

const client = await connect({
    options: allowAll, env: { CLAUDE_CODE_SESSION_ID: 'session-7', CLAUDE_PROJECT_DIR: '/srv/app' },
});
const uriOf = (job) => `atlas://job/${job}`;

async function submit(args) {
    const started = answerOf(await call(client, 'submit_job', args));
    assert.equal(started.status, 'queued');
    assert.equal(started.status_uri, uriOf(started.job_id));
    assert.ok(started.next_poll_seconds > 0);
    return started.job_id;
}

const waitFor = (job_id, options, timeout_seconds = 600) =>
    call(client, 'wait_for_job', { job_id, timeout_seconds }, { timeout: 300_000, ...options });

await check('submit_job runs a command with the given directory and environment', async () => {
    const job = await submit({
        command: ['sh', '-c', 'echo "$PWD $WORD"'], cwd: '/', env: { WORD: 'hello' }, kind: 'greet',
        target: { who: 'Ann' },
    });
    const ended = answerOf(await waitFor(job));
    assert.equal(ended.status, 'done');
    assert.equal(ended.kind, 'greet');
    assert.deepEqual(ended.target, { who: 'Ann' });
    const { text } = answerOf(await call(client, 'get_job_output', { job_id: job, stream: 'stdout' }));
    assert.equal(text, '/ hello\n');
});

await check('submit_job takes either a command or a script', async () => {
    const job = await submit({ script: 'exit 4' });
    const ended = answerOf(await waitFor(job));
    assert.equal(ended.status, 'error');
    assert.equal(ended.exit_code, 4);
    for (const args of [{}, { command: ['true'], script: 'true' }, { command: 'true' }, { command: [] }]) {
        assert.match(failureOf(await call(client, 'submit_job', args)), /command|script/);
    }
});

await check('a job submitted by a host is labelled with session and project', async () => {
    const job = await submit({ command: ['true'] });
    const { labels } = await statusOf(job);
    assert.ok(Object.values(labels).includes('session-7'), JSON.stringify(labels));
    assert.ok(Object.values(labels).includes('/srv/app'), JSON.stringify(labels));
    const [key] = Object.entries(labels).find(([, value]) => value === 'session-7');
    const listed = answerOf(await call(client, 'list_jobs', { label: { [key]: 'session-7' }, limit: 100 }));
    assert.ok(listed.jobs.some(({ job_id }) => job_id === job));
});

await check('submit_job with an active key returns the active job', async () => {
    const { command, open } = gated();
    const first = await submit({ command, key: 'only-one' });
    const second = answerOf(await call(client, 'submit_job', { command, key: 'only-one' }));
    assert.equal(second.job_id, first);
    await open();
    assert.equal(answerOf(await waitFor(first)).status, 'done');
});

await check('wait_for_job sends increasing progress and returns when the job ends', async () => {
    const job = await create('--start');
    const reports = new AsyncQueue();
    const waiting = waitFor(job, { onprogress: reports.push });
    await atlasjob('report', job, '--progress', '0.3', '--message', 'a third');
    const first = await reports.next();
    await atlasjob('report', job, '--progress', '0.6');
    const second = await reports.next();
    assert.ok(second.progress > first.progress);
    await atlasjob('finish', job, '--result', '{"n":1}');
    assert.deepEqual(answerOf(await waiting).result, { n: 1 });
});

await check('a client timeout or abort ends the wait, not the job', async () => {
    const { command, open } = gated();
    const job = await submit({ command });
    await assert.rejects(
        waitFor(job, { timeout: 500 }),
        (error) => error instanceof McpError && error.code === ErrorCode.RequestTimeout,
    );
    await client.ping();  // A response to the cancelled request would arrive before this one.
    const controller = new AbortController();
    const aborted = waitFor(job, { signal: controller.signal });
    controller.abort('changed my mind');
    await assert.rejects(aborted);
    await client.ping();
    await open();
    assert.equal(answerOf(await waitFor(job)).status, 'done');
});

await check('hundreds of concurrent waits are all answered', async () => {
    const job = await create('--start');
    const waits = Array.from({ length: 300 }, () => waitFor(job));
    await client.ping();
    await atlasjob('finish', job);
    for (const result of await Promise.all(waits)) assert.equal(answerOf(result).status, 'done');
});

await check('cancel_job stops a job, retry_job queues it again, and both refuse an unknown one', async () => {
    const { command, open } = gated();
    const job = await submit({ command });
    answerOf(await call(client, 'cancel_job', { job_id: job }));
    const ended = answerOf(await waitFor(job));
    assert.equal(ended.status, 'cancelled');
    answerOf(await call(client, 'retry_job', { job_id: job }));
    await open();
    const again = answerOf(await waitFor(job));
    assert.equal(again.status, 'done');
    // A job that was cancelled before it was claimed has no attempt yet.
    assert.equal(again.attempt, ended.attempt + 1);
    for (const name of ['cancel_job', 'retry_job']) {
        const { content } = await call(client, name, { job_id: unknownJob });
        assert.match(content[0].text, /not.found/);
    }
});

/** Calls a tool as a task; returns all messages of its stream. */
async function follow(name, args, onTask = () => {}) {
    const messages = [];
    const stream = client.experimental.tasks.callToolStream(
        { name, arguments: args }, undefined, { task: { ttl: 600_000 } },
    );
    for await (const message of stream) {
        messages.push(message);
        if (message.type === 'taskCreated') await onTask(message.task);
    }
    return messages;
}

await check('a task is created, has a status and returns its result', async () => {
    const { command, open } = gated();
    const messages = await follow('submit_job', { command }, async (task) => {
        assert.equal(task.status, 'working');
        assert.ok(task.statusMessage);
        assert.equal(['queued', 'running'].includes((await statusOf(task.taskId)).status), true);
        await open();
    });
    assert.equal(messages[0].type, 'taskCreated');
    const { type, result } = messages.at(-1);
    assert.equal(type, 'result');
    const job = answerOf(result);
    assert.equal(job.job_id, messages[0].task.taskId);
    assert.equal(job.status, 'done');
    assert.deepEqual(
        result._meta['io.modelcontextprotocol/related-task'], { taskId: job.job_id },
    );
});

await check('the status message of a failed task has the reason', async () => {
    const messages = await follow('submit_job', { command: ['sh', '-c', 'exit 9'] });
    const { taskId } = messages[0].task;
    const task = await client.experimental.tasks.getTask(taskId);
    assert.equal(task.status, 'failed');
    assert.match(task.statusMessage, /9/);
    const result = await client.experimental.tasks.getTaskResult(taskId, CallToolResultSchema);
    assert.equal(result.isError, true);
});

await check('tasks/result waits for the end, and tasks/cancel stops the job once', async () => {
    const { command } = gated();
    const job = await submit({ command });
    const { tasks } = client.experimental;
    assert.equal((await tasks.getTask(job)).status, 'working');
    const result = tasks.getTaskResult(job, CallToolResultSchema, { timeout: 300_000 });
    await client.ping();
    assert.equal((await tasks.cancelTask(job)).status, 'cancelled');
    await result.catch((error) => assert.ok(error instanceof McpError));
    assert.equal(answerOf(await waitFor(job)).status, 'cancelled');
    assert.equal((await tasks.getTask(job)).status, 'cancelled');
    await assert.rejects(tasks.cancelTask(job), { code: -32602 });
});

await check('unknown and malformed task ids get the same error', async () => {
    const errorFor = (taskId) =>
        client.experimental.tasks.getTask(taskId).then(assert.fail, (error) => {
            assert.equal(error.code, -32602);
            return error.message;
        });
    assert.equal(await errorFor(unknownJob), await errorFor('no-task-at-all'));
});

await check('a task survives its server and can be read from another one', async () => {
    const { command, open } = gated();
    const job = await submit({ command });
    const second = await connect();
    assert.equal((await second.experimental.tasks.getTask(job)).status, 'working');
    await kill(client);
    const third = await connect();
    assert.equal((await third.experimental.tasks.getTask(job)).taskId, job);
    await open();
    for (const other of [second, third]) {
        const result = await other.experimental.tasks.getTaskResult(job, CallToolResultSchema, { timeout: 300_000 });
        assert.equal(answerOf(result).status, 'done');
        await closeCleanly(other);
    }
});

await stopWorkers();
finish();
