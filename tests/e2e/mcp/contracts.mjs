// SDK v1 as a client of other systems: each contract from start to end, with a failure, a cancel, and
// unknown, foreign and malformed ids.
import assert from 'node:assert/strict';
import { check, finish } from './check.mjs';
import { atlasjob, atlasjobAs, closeCleanly, stopWorkers, gated, statusOf, unknownJob } from './sandbox.mjs';
import { call, connect } from './sdk_v1.mjs';

const task = 'https://gis.example.com/server/rest/services/Tools/GPServer/Merge%20it';
const gpId = (job) => `j${job.replaceAll('-', '')}`;
const jobIdOf = async (number) => JSON.parse(await atlasjob('status', '--json', number)).job_id;

/** Submits a command as alice; returns its job_id. */
async function submit(...args) {
    return jobIdOf(await atlasjob('submit', '--kind', 'sync', '--target', `{"task_url":"${task}"}`, ...args));
}

/** The JSON of the text, which must equal the structured content if there is any. */
function valueOf(result) {
    const value = JSON.parse(result.content[0].text);
    if (result.structuredContent) assert.deepEqual(result.structuredContent, value);
    return value;
}

/** Polls about once a second until the answer's status is one of `words`. */
async function until(ask, words) {
    for (;;) {
        const answer = await ask();
        if (words.includes(answer.word)) return answer;
        await atlasjob('wait', '--timeout', '1s', answer.job).catch(() => {});
    }
}

/** Runs three jobs that succeed, fail and are cancelled; `ask(job)` gets the contract's status answer. */
async function runThreeJobs(ask, words) {
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

await check('cidx: a job succeeds, fails and is cancelled', async () => {
    const client = await connect({ options: ['--contract', 'cidx'] });
    const ask = async (job) => {
        const { success, job: answer } = valueOf(await call(client, 'get_job_details', { job_id: job }));
        assert.equal(success, true);
        return { job, word: answer.status, answer };
    };
    const { done, failed, cancelled } = await runThreeJobs(ask, {
        running: ['running'], done: ['completed'], failed: ['failed'], cancelled: ['cancelled'],
    });
    assert.deepEqual(done.answer.result, { n: 7 });
    assert.equal(done.answer.progress, 100);
    assert.equal(done.answer.username, 'alice');
    assert.match(failed.answer.error, /exited with 3/);
    assert.equal(failed.answer.result, null);
    assert.match(cancelled.answer.error, /^Cancelled by user/);
    await closeCleanly(client);
});

await check('cidx: cancel_job stops a running job, and is listed only when allowed', async () => {
    const reader = await connect({ options: ['--contract', 'cidx'] });
    await assert.rejects(call(reader, 'cancel_job', { job_id: unknownJob }), /unknown tool/);
    await closeCleanly(reader);
    const client = await connect({ options: ['--contract', 'cidx', '--allow', 'cancel'] });
    const job = await submit('--', ...gated().command);
    const cancel = async () => valueOf(await call(client, 'cancel_job', { job_id: job }));
    assert.deepEqual(await cancel(), { success: true, message: 'Job cancelled successfully' });
    await atlasjob('wait', job).catch(() => {});
    assert.deepEqual(await cancel(), { success: false, message: 'Cannot cancel job in cancelled status' });
    const { statistics } = valueOf(await call(client, 'get_job_statistics', {}));
    assert.equal(statistics.total, statistics.active + statistics.pending + statistics.failed);
    await closeCleanly(client);
});

await check('cidx: unknown, foreign and malformed ids get the same answer without isError', async () => {
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
    await closeCleanly(client);
});

await check('arcgis: a job succeeds, fails and is cancelled', async () => {
    const client = await connect({ options: ['--contract', 'arcgis'] });
    const ask = async (job) => {
        const answer = valueOf(
            await call(client, 'get_gp_task_job_status', { taskUrl: `${task}/`, jobId: gpId(job) }),
        );
        return { job, word: answer.jobStatus, answer };
    };
    const { done, failed, cancelled } = await runThreeJobs(ask, {
        running: ['esriJobExecuting'], done: ['esriJobSucceeded'], failed: ['esriJobFailed'],
        cancelled: ['esriJobCancelled'],
    });
    assert.deepEqual(done.answer.result, { n: 7 });
    assert.equal(failed.answer.result, null);
    assert.equal(cancelled.answer.result, null);
    const late = await submit('--timeout', '10ms', '--', ...gated().command);
    await until(() => ask(late), ['esriJobTimedOut']);
    const later = await submit('--in', '10h', '--', 'true');
    assert.equal((await ask(later)).word, 'esriJobNew');
    await atlasjob('pause', 'gpu');
    const held = await submit('--queue', 'gpu', '--', 'true');
    assert.equal((await ask(held)).word, 'esriJobWaiting');
    await atlasjob('rm', failed.job);
    assert.equal((await ask(failed.job)).word, 'esriJobDeleted');
    await closeCleanly(client);
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
    await closeCleanly(client);
});

await check('reftrix: a job succeeds, fails and is cancelled', async () => {
    const client = await connect({ options: ['--contract', 'reftrix'] });
    const ask = async (job) => {
        const result = await call(client, 'page.getJobStatus', { job_id: job });
        const { success, data, metadata } = valueOf(result);
        assert.equal(success, true);
        assert.match(metadata.request_id, /^[0-9a-f-]{36}$/);
        return { job, word: data.status, answer: data };
    };
    const { done, failed, cancelled } = await runThreeJobs(ask, {
        running: ['active'], done: ['completed'], failed: ['failed'], cancelled: ['failed'],
    });
    assert.equal(done.answer.result.webPageId, done.job);
    assert.deepEqual(done.answer.result.results, { n: 7 });
    assert.equal(done.answer.progress, 100);
    const { timestamps } = done.answer;
    assert.ok(timestamps.created <= timestamps.started && timestamps.started <= timestamps.completed);
    assert.match(failed.answer.failedReason, /exited with 3/);
    assert.match(cancelled.answer.failedReason, /^Cancelled by user/);
    await closeCleanly(client);
});

await check('reftrix: unknown and foreign ids are not found, malformed ones invalid, under either name', async () => {
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
    await closeCleanly(client);
});

await stopWorkers();
finish();
