// The official client, as programs use it that were written for other systems: each contract from
// start to end, with a failure, a cancel, and ids that are unknown, foreign or malformed.
import assert from 'node:assert/strict';
import { check, finish } from './check.mjs';
import { atlasjob, atlasjobAs, closeInOrder, endWorkers, gated, statusOf, unknownJob } from './sandbox.mjs';
import { call, connect } from './sdk_v1.mjs';

const task = 'https://gis.example.com/server/rest/services/Tools/GPServer/Merge%20it';
const gpId = (job) => `j${job.replaceAll('-', '')}`;
const jobIdOf = async (number) => JSON.parse(await atlasjob('status', '--json', number)).job_id;

/** A job of alice's that runs a command in the background. */
async function submit(...args) {
    return jobIdOf(await atlasjob('submit', '--kind', 'sync', '--target', `{"task_url":"${task}"}`, ...args));
}

/** The text's JSON, which is also the structured content wherever there is one. */
function valueOf(result) {
    const value = JSON.parse(result.content[0].text);
    if (result.structuredContent) assert.deepEqual(result.structuredContent, value);
    return value;
}

/** Asks until the word is another one; the worker's own pace sets how often that is. */
async function until(ask, words) {
    for (;;) {
        const answer = await ask();
        if (words.includes(answer.word)) return answer;
        await atlasjob('wait', '--timeout', '1s', answer.job).catch(() => {});
    }
}

/** Runs one job well, one badly, and one that is cancelled; `ask(job)` is the contract's question. */
async function lives(ask, words) {
    const slow = gated();
    const good = await submit('--result', 'stdout', '--', 'sh', '-c', `${slow.command[2]}; echo '{"n":7}'`);
    await until(() => ask(good), words.running);
    await slow.open();
    const done = await until(() => ask(good), words.done);

    const bad = await submit('--', 'sh', '-c', 'exit 3');
    const failed = await until(() => ask(bad), words.failed);

    const endless = await submit('--', ...gated().command);
    await until(() => ask(endless), words.running);
    await atlasjob('cancel', endless);
    const cancelled = await until(() => ask(endless), words.cancelled);
    assert.equal((await statusOf(endless)).status, 'cancelled');
    return { done, failed, cancelled };
}

await check('cidx: from start to end, failed, cancelled', async () => {
    const client = await connect({ options: ['--contract', 'cidx'] });
    const ask = async (job) => {
        const { success, job: told } = valueOf(await call(client, 'get_job_details', { job_id: job }));
        assert.equal(success, true);
        return { job, word: told.status, told };
    };
    const { done, failed, cancelled } = await lives(ask, {
        running: ['running'], done: ['completed'], failed: ['failed'], cancelled: ['cancelled'],
    });
    assert.deepEqual(done.told.result, { n: 7 });
    assert.equal(done.told.progress, 100);
    assert.equal(done.told.username, 'alice');
    assert.match(failed.told.error, /exited with 3/);
    assert.equal(failed.told.result, null);
    assert.match(cancelled.told.error, /^Cancelled by user/);
    await closeInOrder(client);
});

await check('cidx: cancel_job ends a running job, and is listed only when it is opened', async () => {
    const reader = await connect({ options: ['--contract', 'cidx'] });
    await assert.rejects(call(reader, 'cancel_job', { job_id: unknownJob }), /unknown tool/);
    await closeInOrder(reader);
    const client = await connect({ options: ['--contract', 'cidx', '--allow', 'cancel'] });
    const job = await submit('--', ...gated().command);
    const cancel = async () => valueOf(await call(client, 'cancel_job', { job_id: job }));
    assert.deepEqual(await cancel(), { success: true, message: 'Job cancelled successfully' });
    await atlasjob('wait', job).catch(() => {});
    assert.deepEqual(await cancel(), { success: false, message: 'Cannot cancel job in cancelled status' });
    const { statistics } = valueOf(await call(client, 'get_job_statistics', {}));
    assert.equal(statistics.total, statistics.active + statistics.pending + statistics.failed);
    await closeInOrder(client);
});

await check('cidx: unknown, foreign and malformed are one answer, and no error', async () => {
    const client = await connect({ options: ['--contract', 'cidx'], person: 'bob' });
    const foreign = await submit('--', 'true');
    for (const id of [unknownJob, foreign, 'nope']) {
        const result = await call(client, 'get_job_details', { job_id: id });
        assert.ok(!result.isError);
        assert.deepEqual(valueOf(result), {
            success: false, error: `Job '${id}' not found or access denied`,
        });
    }
    const missing = await call(client, 'get_job_details', {});
    assert.equal(valueOf(missing).error, 'Missing required parameter: job_id');
    await closeInOrder(client);
});

await check('arcgis: from start to end, failed, cancelled', async () => {
    const client = await connect({ options: ['--contract', 'arcgis'] });
    const ask = async (job) => {
        const told = valueOf(
            await call(client, 'get_gp_task_job_status', { taskUrl: `${task}/`, jobId: gpId(job) }),
        );
        return { job, word: told.jobStatus, told };
    };
    const { done, failed, cancelled } = await lives(ask, {
        running: ['esriJobExecuting'], done: ['esriJobSucceeded'], failed: ['esriJobFailed'],
        cancelled: ['esriJobCancelled'],
    });
    assert.deepEqual(done.told.result, { n: 7 });
    assert.equal(failed.told.result, null);
    assert.equal(cancelled.told.result, null);
    const late = await submit('--timeout', '10ms', '--', ...gated().command);
    await until(() => ask(late), ['esriJobTimedOut']);
    const later = await submit('--in', '10h', '--', 'true');
    assert.equal((await ask(later)).word, 'esriJobNew');
    await atlasjob('pause', 'gpu');
    const held = await submit('--queue', 'gpu', '--', 'true');
    assert.equal((await ask(held)).word, 'esriJobWaiting');
    await atlasjob('rm', failed.job);
    assert.equal((await ask(failed.job)).word, 'esriJobDeleted');
    await closeInOrder(client);
});

await check("arcgis: unknown, foreign, malformed and another task's jobs do not exist", async () => {
    const client = await connect({ options: ['--contract', 'arcgis'], person: 'bob' });
    const alices = await submit('--', 'true');
    const bobs = JSON.parse(
        await atlasjobAs(
            'bob', 'status', '--json',
            await atlasjobAs('bob', 'create', '--target', `{"task_url":"${task}"}`),
        ),
    ).job_id;
    const refused = async (taskUrl, jobId) => {
        const result = await call(client, 'get_gp_task_job_status', { taskUrl, jobId });
        assert.equal(result.isError, true);
        const { error } = valueOf(result);
        assert.equal(error.code, 400);
        assert.deepEqual(error.details, [`Job ${jobId} does not exist for this task.`]);
    };
    await refused(task, gpId(unknownJob));
    await refused(task, gpId(alices));
    await refused(task, 'jdeadbeef');
    await refused(task.replace('Merge', 'Split'), gpId(bobs));
    const own = await call(client, 'get_gp_task_job_status', { taskUrl: task, jobId: gpId(bobs) });
    assert.equal(valueOf(own).jobStatus, 'esriJobSubmitted');
    await closeInOrder(client);
});

await check('reftrix: from start to end, failed, cancelled', async () => {
    const client = await connect({ options: ['--contract', 'reftrix'] });
    const ask = async (job) => {
        const result = await call(client, 'page.getJobStatus', { job_id: job });
        const { success, data, metadata } = valueOf(result);
        assert.equal(success, true);
        assert.match(metadata.request_id, /^[0-9a-f-]{36}$/);
        return { job, word: data.status, told: data };
    };
    const { done, failed, cancelled } = await lives(ask, {
        running: ['active'], done: ['completed'], failed: ['failed'], cancelled: ['failed'],
    });
    assert.equal(done.told.result.webPageId, done.job);
    assert.deepEqual(done.told.result.results, { n: 7 });
    assert.equal(done.told.progress, 100);
    const { timestamps } = done.told;
    assert.ok(timestamps.created <= timestamps.started && timestamps.started <= timestamps.completed);
    assert.match(failed.told.failedReason, /exited with 3/);
    assert.match(cancelled.told.failedReason, /^Cancelled by user/);
    await closeInOrder(client);
});

await check('reftrix: unknown and foreign are not found, malformed is invalid, under either name', async () => {
    const client = await connect({ options: ['--contract', 'reftrix'], person: 'bob' });
    const foreign = await submit('--', 'true');
    for (const name of ['page.getJobStatus', 'page_getJobStatus']) {
        const refused = async (args) => {
            const result = await call(client, name, args);
            assert.equal(result.isError, true);
            return valueOf(result).error;
        };
        for (const id of [unknownJob, foreign]) {
            const { code, message } = await refused({ job_id: id });
            assert.equal(code, 'JOB_NOT_FOUND');
            assert.ok(message.startsWith(`Job with ID ${id} not found. It may have expired`), message);
        }
        const { code, message } = await refused({ job_id: 'nope' });
        assert.equal(code, 'VALIDATION_ERROR');
        assert.equal(JSON.parse(message)[0].message, 'Invalid uuid');
        assert.equal((await refused({})).code, 'VALIDATION_ERROR');
    }
    await closeInOrder(client);
});

await endWorkers();
finish();
