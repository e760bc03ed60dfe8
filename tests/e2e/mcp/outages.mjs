// The ledger goes wrong while servers run on it: locked, missing, damaged, replaced. An outage is
// told as one, is never "not found", and is over when the ledger is well again.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { check, finish } from './check.mjs';
import {
    allowAll, answerOf, atlasjob, closeInOrder, create, endWorkers, failureOf, inHome, kill,
    statusOf,
} from './sandbox.mjs';
import { call, connect, modes } from './sdk_v2.mjs';

const job = await create('--start');
const ledger = inHome('.local', 'state', 'atlasjob', 'ledger.db');
const siblings = ['', '-wal', '-shm'];
const ask = (client) => call(client, 'get_job_status', { job_id: job });
const readable = async (client) => assert.equal(answerOf(await ask(client)).status, 'running');

/** The question gets an outage for its answer, by tool and by resource. */
async function outage(client) {
    const text = failureOf(await ask(client));
    assert.match(text, /ledger/);
    assert.doesNotMatch(text, /not.found/);
    for (const name of ['get_job', 'list_jobs', 'wait_for_job', 'get_job_output', 'get_job_statistics']) {
        const args = /_job$|_output$/.test(name) ? { job_id: job } : {};
        assert.doesNotMatch(failureOf(await call(client, name, args)), /not.found/, name);
    }
    await assert.rejects(client.readResource({ uri: `atlas://job/${job}` }), { code: -32603 });
}

/** Puts the ledger's files away; returns how to put them back. Nobody may be writing. */
function putAway() {
    const moved = [];
    for (const sibling of siblings) {
        try {
            renameSync(ledger + sibling, `${inHome('away')}${sibling}`);
            moved.push(sibling);
        } catch (error) {
            assert.equal(error.code, 'ENOENT');
        }
    }
    return () => {
        for (const sibling of siblings) rmSync(ledger + sibling, { force: true });
        for (const sibling of moved) renameSync(`${inHome('away')}${sibling}`, ledger + sibling);
    };
}

/** Holds the write gate until told otherwise, as a writer that is stuck does. */
async function holdGate() {
    const holder = spawn('flock', [`${ledger}.gate`, 'sh', '-c', 'echo held; read line']);
    await once(holder.stdout, 'data');
    return async () => {
        holder.stdin.end();
        await once(holder, 'close');
    };
}

for (const [name, { mode }] of Object.entries({ legacy: modes.legacy, modern: modes.pinned })) {
    // Nobody else may write to a ledger that is put away: no worker is started.
    const env = { ATLASJOB_ON_DEMAND_WORKER: 'false' };
    const client = await connect(mode, { options: allowAll, env });

    await check(`${name}: a writer that is stuck holds up no reader, and is waited for`, async () => {
        await readable(client);
        const release = await holdGate();
        const submitted = call(client, 'submit_job', { command: ['true'] }, { timeout: 110_000 });
        await readable(client);
        await release();
        const { job_id } = answerOf(await submitted);
        assert.equal((await statusOf(job_id)).kind, 'command');
    });

    await check(`${name}: a ledger that is taken away is missed until it is back`, async () => {
        await readable(client);
        const putBack = putAway();
        await outage(client);
        putBack();
        await readable(client);
    });

    await check(`${name}: a ledger overwritten by something else is told as damaged`, async () => {
        await readable(client);
        const putBack = putAway();
        writeFileSync(ledger, 'this is no database, whatever its name says\n'.repeat(200));
        await outage(client);
        putBack();
        await readable(client);
    });

    await check(`${name}: a backup put in the ledger's place is what is read from then on`, async () => {
        const backup = inHome(`backup-${name}.db`);
        await atlasjob('backup', backup);
        const later = await create();
        assert.equal(answerOf(await call(client, 'get_job_status', { job_id: later })).status, 'queued');
        const putBack = putAway();
        copyFileSync(backup, ledger);
        assert.equal(
            answerOf(await call(client, 'get_job_status', { job_id: later })).error, 'job_not_found',
        );
        await readable(client);
        putBack();
        assert.equal(answerOf(await call(client, 'get_job_status', { job_id: later })).status, 'queued');
    });

    await check(`${name}: the server leaves in order after all that`, () => closeInOrder(client));
}

await check('Ten servers on one ledger write and read, one is killed, and nothing is lost', async () => {
    const clients = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
            connect(i % 2 ? modes.legacy.mode : modes.pinned.mode, { options: allowAll }),
        ),
    );
    const submit = async (client) => answerOf(await call(client, 'submit_job', { command: ['true'] })).job_id;
    const first = await Promise.all(clients.map(submit));
    await kill(clients.pop());
    const second = await Promise.all(clients.map(submit));
    for (const id of [...first, ...second]) {
        const waited = await call(clients[0], 'wait_for_job', { job_id: id, timeout_seconds: 100 });
        assert.equal(answerOf(waited).status, 'done');
    }
    for (const client of clients) await closeInOrder(client);
    const { healthy } = JSON.parse(await atlasjob('doctor', '--json'));
    assert.equal(healthy, true);
});

await check('A worker that a server started is gone when it has ended, while the server lives', async () => {
    const client = await connect(modes.pinned.mode, { options: allowAll });
    const { job_id } = answerOf(await call(client, 'submit_job', { command: ['true'] }));
    const waited = await call(client, 'wait_for_job', { job_id, timeout_seconds: 100 });
    assert.equal(answerOf(waited).status, 'done');
    // Awaits the process itself: one that nobody has reaped is still there.
    await endWorkers();
    await closeInOrder(client);
});

await endWorkers();
finish();
