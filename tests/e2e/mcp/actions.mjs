// SDK v1 with the tools of actions files: the shipped example, and one whose command prints its arguments.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { check, finish } from './check.mjs';
import { answerOf, atlasjob, closeCleanly, stopWorkers, failureOf, gated, inHome, statusOf } from './sandbox.mjs';
import { call, connect } from './sdk_v1.mjs';

const gate = gated();
const file = inHome('actions.json');
writeFileSync(
    file,
    JSON.stringify({
        actions: [
            {
                name: 'show', title: 'Show', description: 'Shows its arguments.', kind: 'show',
                command: ['printf', '%s|', '{words}', '--n={count}'],
                input: {
                    type: 'object',
                    properties: {
                        words: { type: 'string', maxLength: 40 },
                        count: { type: 'integer', minimum: 1, default: 3 },
                    },
                    required: ['words'],
                },
                target: { words: '{words}' },
            },
            {
                name: 'hold', title: 'Hold', description: 'Holds a place.', command: gate.command,
                input: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
                key: 'hold {place}',
            },
        ],
    }),
);

const client = await connect({ options: ['--actions', file] });

await check('an action is listed with the read-only tools and without those that change jobs', async () => {
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    assert.ok(names.includes('show') && names.includes('hold') && names.includes('get_job'));
    assert.ok(!names.includes('submit_job') && !names.includes('cancel_job'));
    assert.equal(tools.find(({ name }) => name === 'show').execution?.taskSupport, 'optional');
});

await check('a value stays one argument, whatever it contains', async () => {
    const words = 'a "b" $(id) ; rm * \\';
    const started = answerOf(await call(client, 'show', { words }));
    assert.equal(started.status, 'queued');
    assert.equal(started.status_uri, `atlas://job/${started.job_id}`);
    const ended = answerOf(await call(client, 'wait_for_job', { job_id: started.job_id }));
    assert.equal(ended.status, 'done');
    assert.deepEqual(ended.target, { words });
    const { text } = answerOf(await call(client, 'get_job_output', { job_id: started.job_id }));
    assert.equal(text, `${words}|--n=3|`);
});

await check('invalid arguments are named and start no job', async () => {
    const before = (await atlasjob('list', '--ids')).split('\n').length;
    for (const [args, name] of [[{}, 'words'], [{ words: 'x'.repeat(41) }, 'words'],
        [{ words: 'x', count: 0 }, 'count'], [{ words: 'x', more: 1 }, 'more']]) {
        assert.match(failureOf(await call(client, 'show', args)), new RegExp(name));
    }
    assert.equal((await atlasjob('list', '--ids')).split('\n').length, before);
});

await check('a second call with the same key returns the active job', async () => {
    const first = answerOf(await call(client, 'hold', { place: 'north' }));
    const again = answerOf(await call(client, 'hold', { place: 'north' }));
    assert.equal(again.job_id, first.job_id);
    await atlasjob('cancel', first.job_id);
    await atlasjob('wait', first.job_id).catch(() => {});
    assert.equal((await statusOf(first.job_id)).status, 'cancelled');
});

await check('the shipped example is served unchanged', async () => {
    const example = process.argv[4];
    const { actions } = JSON.parse(readFileSync(example, 'utf8'));
    const shipped = await connect({ options: ['--actions', example] });
    const { tools } = await shipped.listTools();
    for (const { name, title } of actions) {
        assert.equal(tools.find((tool) => tool.name === name)?.title, title);
    }
    assert.ok(actions.some(({ name }) => name === 'trigger_sync'));
    assert.ok(actions.some(({ name }) => name === 'refresh_wiki'));
    await closeCleanly(shipped);
});

await closeCleanly(client);
await stopWorkers();
finish();
