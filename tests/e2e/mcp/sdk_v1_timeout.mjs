// A client that resets its timeout with each progress notification can wait longer than the timeout.
import assert from 'node:assert/strict';
import { check, finish } from './check.mjs';
import { allowAll, answerOf, atlasjob, closeCleanly, create } from './sandbox.mjs';
import { call, connect } from './sdk_v1.mjs';

const timeout = 60_000;

await check('progress notifications keep a wait alive beyond the client timeout', async () => {
    const client = await connect({ options: allowAll });
    const job = await create('--start');
    const began = performance.now();
    const reported = [];
    let finished;
    const waiting = call(client, 'wait_for_job', { job_id: job, timeout_seconds: 1800 }, {
        timeout,
        resetTimeoutOnProgress: true,
        onprogress: ({ progress }) => {
            reported.push(progress);
            if (performance.now() - began > timeout) finished ??= atlasjob('finish', job);
        },
    });
    assert.equal(answerOf(await waiting).status, 'done');
    await finished;
    assert.ok(performance.now() - began > timeout);
    // Sent every ten seconds; the exact number depends on the load.
    assert.ok(reported.length > 1);
    assert.deepEqual(reported, [...new Set(reported)].sort((a, b) => a - b));
    await closeCleanly(client);
});

finish();
