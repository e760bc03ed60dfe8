// A client whose time limit starts anew with each progress notification outlasts that limit.
import assert from 'node:assert/strict';
import { check, finish } from './check.mjs';
import { allowAll, answerOf, atlasjob, closeInOrder, create } from './sandbox.mjs';
import { call, connect } from './sdk_v1.mjs';

const timeout = 60_000;

await check('Progress comes often enough to keep a wait alive beyond the time limit', async () => {
    const client = await connect({ options: allowAll });
    const job = await create('--start');
    const began = performance.now();
    const seen = [];
    let finished;
    const waiting = call(client, 'wait_for_job', { job_id: job, timeout_seconds: 1800 }, {
        timeout,
        resetTimeoutOnProgress: true,
        onprogress: ({ progress }) => {
            seen.push(progress);
            if (performance.now() - began > timeout) finished ??= atlasjob('finish', job);
        },
    });
    assert.equal(answerOf(await waiting).status, 'done');
    await finished;
    assert.ok(performance.now() - began > timeout);
    // At most ten seconds apart, though a loaded machine may be late with some.
    assert.ok(seen.length > 1);
    assert.deepEqual(seen, [...new Set(seen)].sort((a, b) => a - b));
    await closeInOrder(client);
});

finish();
