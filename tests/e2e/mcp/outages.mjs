// The ledger is locked, missing, damaged or replaced while servers use it. An outage is reported as one,
// never as "not found", and ends when the ledger is available again.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { check, finish } from './check.mjs';
import {
    allowAll, answerOf, atlasjob, closeCleanly, create, stopWorkers, failureOf, inHome, kill,
    statusOf,
} from './sandbox.mjs';
import { call, connect, modes } from './sdk_v2.mjs';

const job = await create('--start');
const ledger = inHome('.local', 'state', 'atlasjob', 'ledger.db');
const siblings = ['', '-wal', '-shm'];
const ask = (client) => call(client, 'get_job_status', { job_id: job });
const checkReadable = async (client) => assert.equal(answerOf(await ask(client)).status, 'running');

/** Checks that tools and resources report an outage. */
async function checkOutage(client) {
    const text = failureOf(await ask(client));
    assert.match(text, /ledger/);
    assert.doesNotMatch(text, /not.found/);
    for (const name of ['get_job', 'list_jobs', 'wait_for_job', 'get_job_output', 'get_job_statistics']) {
        const args = /_job$|_output$/.test(name) ? { job_id: job } : {};
        assert.doesNotMatch(failureOf(await call(client, name, args)), /not.found/, name);
    }
    await assert.rejects(client.readResource({ uri: `atlas://job/${job}` }), { code: -32603 });
}

/** Moves the ledger's files away; returns a function that restores them. No process may be writing. */
function moveAway() {
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

/** Holds the write lock like a stuck writer; returns a function that releases it. */
async function holdWriteLock() {
    const holder = spawn('flock', [`${ledger}.gate`, 'sh', '-c', 'echo held; read line']);
    await once(holder.stdout, 'data');
    return async () => {
        holder.stdin.end();
        await once(holder, 'close');
    };
}

for (const [name, { mode }] of Object.entries({ legacy: modes.legacy, modern: modes.pinned })) {
    // No other process may write while the ledger is moved away: no worker is started.
    const env = { ATLASJOB_ON_DEMAND_WORKER: 'false' };
    const client = await connect(mode, { options: allowAll, env });

    await check(`${name}: a stuck writer blocks writes, not reads`, async () => {
        await checkReadable(client);
        const release = await holdWriteLock();
        const submitted = call(client, 'submit_job', { command: ['true'] }, { timeout: 110_000 });
        await checkReadable(client);
        await release();
        const { job_id } = answerOf(await submitted);
        assert.equal((await statusOf(job_id)).kind, 'command');
    });

    await check(`${name}: a removed ledger is an outage until it is restored`, async () => {
        await checkReadable(client);
        const restore = moveAway();
        await checkOutage(client);
        restore();
        await checkReadable(client);
    });

    await check(`${name}: an overwritten ledger is an outage until it is restored`, async () => {
        await checkReadable(client);
        const restore = moveAway();
        writeFileSync(ledger, 'this is not a database\n'.repeat(200));
        await checkOutage(client);
        restore();
        await checkReadable(client);
    });

    await check(`${name}: a backup that replaces the ledger is read at once`, async () => {
        const backup = inHome(`backup-${name}.db`);
        await atlasjob('backup', backup);
        const later = await create();
        assert.equal(answerOf(await call(client, 'get_job_status', { job_id: later })).status, 'queued');
        const restore = moveAway();
        copyFileSync(backup, ledger);
        assert.equal(
            answerOf(await call(client, 'get_job_status', { job_id: later })).error, 'job_not_found',
        );
        await checkReadable(client);
        restore();
        assert.equal(answerOf(await call(client, 'get_job_status', { job_id: later })).status, 'queued');
    });

    await check(`${name}: the server exits with 0 after the outages`, () => closeCleanly(client));
}

await check('ten servers on one ledger lose no job when one of them is killed', async () => {
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
    for (const client of clients) await closeCleanly(client);
    const { healthy } = JSON.parse(await atlasjob('doctor', '--json'));
    assert.equal(healthy, true);
});

await check('a worker started by a server leaves no zombie while the server runs', async () => {
    const client = await connect(modes.pinned.mode, { options: allowAll });
    const { job_id } = answerOf(await call(client, 'submit_job', { command: ['true'] }));
    const waited = await call(client, 'wait_for_job', { job_id, timeout_seconds: 100 });
    assert.equal(answerOf(waited).status, 'done');
    // Waits for the process itself, so a zombie would hang here.
    await stopWorkers();
    await closeCleanly(client);
});

await stopWorkers();
finish();
