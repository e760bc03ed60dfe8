// MCP Events and Skills through the official clients: nothing is lost when client and server are killed.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { z } from 'zod';
import { check, finish } from './check.mjs';
import {
    allowAll, answerOf, AsyncQueue, atlasjob, closeCleanly, connectTo, gated, kill, statusOf, stopWorkers,
} from './sandbox.mjs';
import { call, clientInfo, connect, modes } from './sdk_v2.mjs';

const anything = z.looseObject({});
const ask = (client, method, params = {}) => client.request({ method, params }, anything);
const poll = (client, cursor, name = 'job.ended') => ask(client, 'events/poll', { name, cursor });

const openers = {
    v1: () => connectTo(new ClientV1(clientInfo, {}), TransportV1, { options: allowAll }),
    'v2 legacy': () => connect(modes.legacy.mode, { options: allowAll }),
    'v2 modern': () => connect(modes.pinned.mode, { options: allowAll }),
};

for (const [name, open] of Object.entries(openers)) {
    await check(`${name}: the end of a job is told once to a new client with the cursor alone`, async () => {
        const first = await open();
        const { cursor } = await poll(first, null);
        const { command, open: release } = gated();
        const { job_id } = answerOf(await call(first, 'submit_job', { command }));
        await kill(first);
        await release();
        await atlasjob('wait', job_id);
        const second = await open();
        const page = await poll(second, cursor);
        assert.deepEqual(page.events.map(({ data }) => [data.job_id, data.status]), [[job_id, 'done']]);
        assert.equal(page.truncated, false);
        await kill(second);
        const third = await open();
        assert.deepEqual((await poll(third, page.cursor)).events, []);
        assert.deepEqual((await poll(third, cursor)).events, page.events);
        await closeCleanly(third);
    });

    await check(`${name}: a stream tells events as they happen, from where another left off`, async () => {
        const client = await open();
        const told = new AsyncQueue();
        for (const kind of ['active', 'event', 'heartbeat', 'error'])
            handle(client, `notifications/events/${kind}`, ({ params }) => told.push({ kind, params }));
        const { cursor } = await poll(client, null);
        const before = await atlasjob('create', '--start', '--kind', 'sync');
        await atlasjob('finish', before);
        const controller = new AbortController();
        const ended = client
            .request({ method: 'events/stream', params: { name: 'job.ended', cursor } }, anything, {
                signal: controller.signal, timeout: 600_000,
            })
            .catch((error) => error);
        assert.equal((await told.next()).kind, 'active');
        assert.equal((await told.next()).params.data.job_id, before);
        const after = await atlasjob('create', '--start', '--kind', 'sync');
        await atlasjob('finish', after, '--error', 'no');
        const { params } = await told.next();
        assert.deepEqual([params.data.job_id, params.data.status], [after, 'error']);
        controller.abort();
        await ended;
        assert.deepEqual((await poll(client, params.cursor)).events, []);
        await closeCleanly(client);
    });

    await check(`${name}: the skill is listed, and its page has the digest that the entry has`, async () => {
        const client = await open();
        const { skills } = await ask(client, 'skills/list');
        assert.equal(skills.length, 1);
        const [{ uri, frontmatter, resources }] = skills;
        assert.equal(frontmatter.name, 'atlasjob');
        const { contents } = await client.readResource({ uri });
        const bytes = Buffer.from(contents[0].text, 'utf8');
        assert.equal(bytes.length, resources[0].size);
        const digest = createHash('sha256').update(bytes).digest('hex');
        assert.equal(`sha256:${digest}`, resources[0].digest);
        assert.deepEqual((await ask(client, 'skills/get', { uri })).skill, skills[0]);
        await closeCleanly(client);
    });
}

await check('the types, and what each tells of a job', async () => {
    const client = await openers['v2 modern']();
    const { events } = await ask(client, 'events/list');
    const names = events.map(({ name }) => name);
    assert.deepEqual(names, ['job.started', 'job.progress', 'job.ended', 'job.cancel_requested']);
    const cursors = {};
    for (const name of names) cursors[name] = (await poll(client, null, name)).cursor;
    const job = await atlasjob('create', '--start', '--kind', 'sync');
    await atlasjob('report', job, '--progress', '0.5', '--phase', 'embedding');
    const [progress] = (await poll(client, cursors['job.progress'], 'job.progress')).events;
    assert.deepEqual([progress.data.progress, progress.data.phase], [0.5, 'embedding']);
    await atlasjob('cancel', job);
    await atlasjob('finish', job, '--cancelled');
    for (const name of names.filter((each) => each !== 'job.progress')) {
        const page = await poll(client, cursors[name], name);
        assert.deepEqual(page.events.map(({ data }) => data.job_id), [job], name);
    }
    assert.equal((await statusOf(job)).status, 'cancelled');
    await closeCleanly(client);
});

/** Both SDKs take a schema for their own notifications; for others it differs. */
function handle(client, method, handler) {
    if (client instanceof ClientV1) {
        const schema = z.object({ method: z.literal(method), params: z.any() });
        return client.setNotificationHandler(schema, handler);
    }
    return client.setNotificationHandler(method, { params: anything }, (params) => handler({ params }));
}

await stopWorkers();
finish();
