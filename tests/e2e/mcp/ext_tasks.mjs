// The official tasks package with both kinds of tasks: those of 2025-11-25 and the 2026-07-28 extension.
import assert from 'node:assert/strict';
import {
    createTaskSessionFromClient, resultFromTaskOutcome,
} from '@modelcontextprotocol/ext-tasks/client';
import { check, finish } from './check.mjs';
import {
    allowAll, answerOf, atlasjobAs, closeCleanly, stopWorkers, gated, inHome, kill, revision,
    statusOf, unknownJob,
} from './sandbox.mjs';
import { call, clientInfo, connect, modes } from './sdk_v2.mjs';

/** Sends requests past the client, which has no tasks in the modern protocol. */
function rawDispatch({ transport }) {
    const pending = new Map();
    let sent = 0;
    const forward = transport.onmessage;
    transport.onmessage = (message, extra) => {
        const settle = pending.get(message.id);
        pending.delete(message.id);
        if (settle) settle(message);
        else forward(message, extra);
    };
    return (request) =>
        new Promise((resolve, reject) => {
            const id = `raw-${(sent += 1)}`;
            pending.set(id, ({ result, error }) =>
                resolve(error ? { kind: 'error', error } : { kind: 'result', result }),
            );
            transport.send({ jsonrpc: '2.0', id, ...request }).catch(reject);
        });
}

async function open(mode, { modern, options = allowAll }) {
    const client = await connect(mode, { options });
    const { tools } = await client.listTools();
    const session = createTaskSessionFromClient(client, {
        endpointId: 'atlasjob-e2e',
        onError: (error) => assert.fail(error),
        tools: {
            currentTool: (name) => {
                const { execution, ...tool } = tools.find((each) => each.name === name);
                return { ...tool, taskSupport: execution?.taskSupport };
            },
        },
        ...(modern && {
            rawDispatch: rawDispatch(client),
            v2RequestFraming: { protocolVersion: revision, clientInfo, clientCapabilities: {} },
        }),
    });
    return { client, session };
}

const start = (session, args) =>
    session.callTool('submit_job', args, { task: { preference: 'prefer' } });

/** Waits for the task; returns its outcome and its last state. */
async function settle(execution) {
    const { outcome, lastTask } = await execution.settle();
    return { outcome, lastTask };
}

for (const [name, { mode, era }] of Object.entries({ v1: modes.legacy, v2: modes.pinned })) {
    const modern = era === 'modern';
    const here = { modern };

    await check(`tasks ${name}: a call becomes a task, and its result is the finished job`, async () => {
        const { client, session } = await open(mode, here);
        const { command, open: release } = gated();
        const execution = await start(session, { command });
        assert.equal(execution.kind, 'task');
        const { taskId } = execution.handle;
        const view = await session.task(taskId).snapshot();
        assert.equal(view.status, 'working');
        assert.ok(view.statusMessage);
        await release();
        const { outcome } = await settle(execution);
        const job = answerOf(resultFromTaskOutcome(outcome));
        assert.equal(job.job_id, taskId);
        assert.equal(job.status, 'done');
        const ended = await session.task(taskId).snapshot();
        assert.equal(ended.status, 'completed');
        assert.ok(ended.retentionMs > 0);
        await session.close();
        await closeCleanly(client);
    });

    await check(`tasks ${name}: a failed command is reported with its reason`, async () => {
        const { client, session } = await open(mode, here);
        const execution = await start(session, { command: ['sh', '-c', 'exit 9'] });
        const { outcome, lastTask } = await settle(execution);
        assert.equal(outcome.status, modern ? 'completed' : 'failed');
        if (modern) assert.equal(outcome.result.isError, true);
        assert.match(lastTask.statusMessage, /9/);
        await session.close();
        await closeCleanly(client);
    });

    await check(`tasks ${name}: cancelling a task cancels its job if allowed`, async () => {
        const { client, session } = await open(mode, here);
        const { command } = gated();
        const execution = await start(session, { command });
        const { taskId } = execution.handle;
        const restricted = await open(mode, { modern, options: ['--allow', 'submit'] });
        await restricted.session.task(taskId).cancel().catch(() => 'some revisions answer with an error');
        assert.equal((await statusOf(taskId)).cancel_requested_at, null);
        await restricted.session.close();
        await restricted.client.close();
        await session.task(taskId).cancel();
        const { outcome } = await settle(execution);
        assert.equal(outcome.status, 'cancelled');
        // The task is cancelled once that was requested, the job once its command has ended.
        await atlasjobAs('alice', 'wait', '-q', taskId).catch(({ code }) => assert.equal(code, 3));
        assert.equal((await statusOf(taskId)).status, 'cancelled');
        await session.close();
        await closeCleanly(client);
    });

    await check(`tasks ${name}: a task is resumed by its id after its server was killed`, async () => {
        const first = await open(mode, here);
        const { command, open: release } = gated();
        const execution = await start(first.session, { command });
        const reference = execution.serializeReference();
        const second = await open(mode, here);
        assert.equal((await second.session.task(reference.taskId).snapshot()).status, 'working');
        await execution.detach();
        await kill(first.client);
        const third = await open(mode, here);
        const resumed = await third.session.resumeTask(reference);
        await release();
        const { outcome } = await settle(resumed);
        assert.equal(answerOf(resultFromTaskOutcome(outcome)).job_id, reference.taskId);
        for (const other of [second, third]) {
            assert.equal((await other.session.task(reference.taskId).snapshot()).status, 'completed');
            await other.session.close();
            await closeCleanly(other.client);
        }
    });

    await check(`tasks ${name}: a wait is a task that outlives its server and ends alone`, async () => {
        const first = await open(mode, here);
        const { command, open: release } = gated();
        const { job_id } = answerOf(await call(first.client, 'submit_job', { command }));
        const wait = () =>
            first.session.callTool('wait_for_job', { job_id }, { task: { preference: 'prefer' } });
        const kept = await wait();
        assert.equal(kept.kind, 'task');
        assert.match(kept.handle.taskId, new RegExp(`^${job_id}\\.w[0-9a-f]{8}$`));
        const dropped = await first.session.callTool(
            'wait_for_job', { job_id, timeout_seconds: 3600 }, { task: { preference: 'prefer' } },
        );
        assert.notEqual(dropped.handle.taskId, kept.handle.taskId);
        await first.session.task(dropped.handle.taskId).cancel();
        assert.equal((await statusOf(job_id)).cancel_requested_at, null);
        const reference = kept.serializeReference();
        await kept.detach();
        await dropped.detach();
        await kill(first.client);
        const second = await open(mode, here);
        assert.equal((await second.session.task(dropped.handle.taskId).snapshot()).status, 'cancelled');
        const resumed = await second.session.resumeTask(reference);
        await release();
        const { outcome } = await settle(resumed);
        const answer = answerOf(resultFromTaskOutcome(outcome));
        assert.deepEqual([answer.status, answer.timed_out], ['done', false]);
        await second.session.close();
        await closeCleanly(second.client);
    });

    await check(`tasks ${name}: a retry is a task of its own, and the first keeps its result`, async () => {
        const { client, session } = await open(mode, here);
        const once = inHome(`once-${name}`);
        const script = `if [ -e "${once}" ]; then exit 4; fi; touch "${once}"; echo '{"n":1}' >&3; exit 0`;
        const first = await start(session, { script: script.replace(`'{"n":1}'`, `'{"result":{"n":1}}'`) });
        await settle(first);
        const { taskId } = first.handle;
        const retried = await session.callTool(
            'retry_job', { job_id: taskId }, { task: { preference: 'prefer' } },
        );
        assert.equal(retried.handle.taskId, `${taskId}.r1`);
        const { lastTask } = await settle(retried);
        assert.match(lastTask.statusMessage, /4/);
        const kept = answerOf(resultFromTaskOutcome(await session.task(taskId).result()));
        assert.deepEqual([kept.status, kept.result, kept.attempt], ['done', { n: 1 }, 1]);
        await session.close();
        await closeCleanly(client);
    });

    await check(`tasks ${name}: unknown and foreign ids get the same error`, async () => {
        const { client, session } = await open(mode, here);
        const foreign = await atlasjobAs('bob', 'create', '--kind', 'sync');
        const refusal = (taskId) =>
            session.task(taskId).snapshot().then(assert.fail, ({ code, message }) => [code, message]);
        const [code, message] = await refusal(unknownJob);
        assert.equal(code, -32602);
        assert.deepEqual(await refusal(foreign), [code, message]);
        await session.close();
        await closeCleanly(client);
    });
}

await check('a legacy task can be read by a modern client', async () => {
    const legacy = await open(modes.legacy.mode, { modern: false });
    const modern = await open(modes.pinned.mode, { modern: true });
    const { command, open: release } = gated();
    const execution = await start(legacy.session, { command });
    const { taskId } = execution.handle;
    assert.equal((await modern.session.task(taskId).snapshot()).status, 'working');
    await release();
    const { outcome } = await settle(execution);
    const other = await modern.session.task(taskId).result();
    assert.deepEqual(
        resultFromTaskOutcome(other).structuredContent,
        resultFromTaskOutcome(outcome).structuredContent,
    );
    for (const each of [legacy, modern]) {
        await each.session.close();
        await closeCleanly(each.client);
    }
});

await stopWorkers();
finish();
