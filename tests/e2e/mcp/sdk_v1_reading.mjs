// SDK v1 reads: tools, resources, prompts, completions and notifications.
import assert from 'node:assert/strict';
import { McpError, ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { check, finish } from './check.mjs';
import {
    allowAll, answerOf, AsyncQueue, atlasjob, atlasjobAs, closeCleanly, create, stopWorkers, failureOf,
    makeJobs, unknownJob,
} from './sandbox.mjs';
import { call, connect } from './sdk_v1.mjs';

const readingTools = [
    'get_job_status', 'get_job', 'list_jobs', 'wait_for_job', 'get_job_output',
    'get_job_statistics',
];
const statusKeys = [
    'job_id', 'kind', 'status', 'progress', 'started_at', 'updated_at', 'ended_at', 'result',
    'error', 'target',
];
const uriOf = (job) => `atlas://job/${job}`;
const names = (tools) => tools.map(({ name }) => name).sort();
const ask = (client, args) => call(client, 'get_job_status', args);

/** Checks that reading `uri` is refused as an unknown resource. */
const refused = (client, uri) =>
    assert.rejects(
        client.readResource({ uri }),
        (error) => error instanceof McpError && error.code === -32002,
    );

const early = await connect();
await check('before the first job lists are empty and jobs unknown, without a ledger', async () => {
    const { resources } = await early.listResources();
    assert.ok(resources.every(({ uri }) => !uri.startsWith(uriOf(''))));
    for (const [name, args] of [
        ['get_job_status', { job_id: unknownJob }], ['get_job', { job_id: unknownJob }],
        ['wait_for_job', { job_id: unknownJob }], ['get_job_output', { job_id: unknownJob }],
    ]) {
        const answer = answerOf(await call(early, name, args));
        assert.deepEqual(answer, { error: 'job_not_found', job_id: unknownJob }, name);
    }
    assert.deepEqual(
        answerOf(await call(early, 'list_jobs', {})), { jobs: [], next_cursor: null, total: 0 },
    );
    assert.equal(answerOf(await call(early, 'get_job_statistics', {})).total, 0);
});

const jobs = await makeJobs();
jobs.foreign = await atlasjobAs('bob', 'create', '--kind', 'sync');
jobs.printed = await atlasjob('submit', '--kind', 'print', '--', 'sh', '-c', 'seq 1 100; echo bad >&2; exit 3');
await atlasjob('worker', '--drain');

await check('a server that started before its ledger finds it later', async () => {
    assert.equal(answerOf(await ask(early, { job_id: jobs.queued })).status, 'queued');
    await closeCleanly(early);
});

const client = await connect();

await check('the server reports its name, capabilities and instructions', async () => {
    assert.equal(client.getServerVersion().name, 'atlasjob');
    const { tools, resources, prompts, completions, tasks } = client.getServerCapabilities();
    assert.deepEqual(tools, {});
    assert.equal(resources.subscribe, true);
    assert.deepEqual(prompts, {});
    assert.deepEqual(completions, {});
    assert.equal(typeof tasks.requests.tools.call, 'object');
    const instructions = client.getInstructions();
    assert.ok(instructions.length > 0 && instructions.length < 2048);
    await client.ping();
});

await check('each tool has a title, description, output schema and annotations', async () => {
    const { tools, nextCursor } = await client.listTools();
    assert.equal(nextCursor, undefined);
    assert.deepEqual(names(tools), [...readingTools].sort());
    for (const tool of tools) {
        assert.ok(tool.title && tool.description && tool.description.length < 2048, tool.name);
        assert.equal(tool.outputSchema.type, 'object', tool.name);
        assert.equal(tool.annotations.readOnlyHint, true, tool.name);
        assert.equal(tool.annotations.destructiveHint, false, tool.name);
        assert.notEqual(tool.execution?.taskSupport, 'required', tool.name);
    }
});

await check('tools that change jobs are listed only when allowed', async () => {
    const toolsOf = {
        submit: ['submit_job'], cancel: ['cancel_job'], retry: ['retry_job'],
        'submit,cancel,retry': ['submit_job', 'cancel_job', 'retry_job'],
    };
    for (const [allowed, added] of Object.entries(toolsOf)) {
        const other = await connect({ options: ['--allow', allowed] });
        const { tools } = await other.listTools();
        assert.deepEqual(names(tools), [...readingTools, ...added].sort());
        await closeCleanly(other);
    }
    await assert.rejects(call(client, 'submit_job', { command: ['true'] }), { code: -32602 });
});

const expected = {
    queued: { status: 'queued', progress: null, started_at: null, ended_at: null },
    running: { status: 'running', progress: 0.42, ended_at: null },
    done: { status: 'done', progress: 1, result: { messages_synced: 711 }, error: null },
    error: { status: 'error', result: null, error: 'bridge timeout after 30 s' },
    cancelled: { status: 'cancelled', result: null },
};

await check('get_job_status and the job resource return the same bytes', async () => {
    for (const [state, values] of Object.entries(expected)) {
        const result = await ask(client, { job_id: jobs[state] });
        const job = answerOf(result);
        assert.deepEqual(Object.keys(job), statusKeys);
        assert.deepEqual(job.target, { channel_id: 'C0ENG' });
        for (const [key, value] of Object.entries(values)) assert.deepEqual(job[key], value, key);
        const { contents } = await client.readResource({ uri: uriOf(jobs[state]) });
        assert.equal(contents.length, 1);
        assert.equal(contents[0].text, result.content[0].text);
        assert.equal(contents[0].mimeType, 'application/json');
    }
});

await check('get_job returns the job as status --json prints it', async () => {
    for (const state of Object.keys(expected)) {
        const job = answerOf(await call(client, 'get_job', { job_id: jobs[state] }));
        const shown = JSON.parse(await atlasjob('status', '--json', jobs[state]));
        for (const [key, value] of Object.entries(shown)) assert.deepEqual(job[key], value, key);
        assert.equal(job.continue_polling, ['queued', 'running'].includes(state));
        assert.ok(!('env' in job));
    }
    const failed = answerOf(await call(client, 'get_job', { job_id: jobs.printed }));
    assert.equal(failed.exit_code, 3);
    assert.match(JSON.stringify(failed.log_tail), /100/);
});

await check('list_jobs filters, and its cursor visits every job once', async () => {
    const own = Object.values(jobs).filter((job) => job !== jobs.foreign);
    const all = answerOf(await call(client, 'list_jobs', {}));
    assert.equal(all.total, own.length);
    assert.deepEqual(all.jobs.map(({ job_id }) => job_id).sort(), [...own].sort());
    const ended = answerOf(await call(client, 'list_jobs', { status: ['done', 'cancelled'] }));
    assert.deepEqual(
        ended.jobs.map(({ job_id }) => job_id).sort(), [jobs.done, jobs.cancelled].sort(),
    );
    const printed = answerOf(await call(client, 'list_jobs', { kind: 'print' }));
    assert.deepEqual(printed.jobs.map(({ job_id }) => job_id), [jobs.printed]);
    const visited = [];
    for (let cursor; cursor !== null; ) {
        const page = answerOf(await call(client, 'list_jobs', { limit: 2, ...(cursor && { cursor }) }));
        assert.ok(page.jobs.length <= 2);
        visited.push(...page.jobs.map(({ job_id }) => job_id));
        cursor = page.next_cursor;
    }
    assert.deepEqual(visited.sort(), own.sort());
});

await check('wait_for_job returns at once for a finished job and reports a timeout', async () => {
    const ended = answerOf(await call(client, 'wait_for_job', { job_id: jobs.done }));
    assert.equal(ended.timed_out, false);
    assert.equal(ended.continue_polling, false);
    assert.equal(ended.status, 'done');
    const running = answerOf(
        await call(client, 'wait_for_job', { job_id: jobs.running, timeout_seconds: 1 }),
    );
    assert.equal(running.timed_out, true);
    assert.equal(running.continue_polling, true);
    assert.ok(running.next_poll_seconds > 0);
    assert.equal(running.status, 'running');
});

await check('get_job_output returns the last lines, pages and a single stream', async () => {
    const output = async (args) =>
        answerOf(await call(client, 'get_job_output', { job_id: jobs.printed, ...args }));
    const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}\n`).join('');
    assert.equal((await output({ stream: 'stdout', tail_lines: 2 })).text, numbers(99, 100));
    assert.equal((await output({ stream: 'stderr' })).text, 'bad\n');
    let text = '';
    for (let page = { next_offset: 0, eof: false }; !page.eof; text += page.text) {
        page = await output({ stream: 'stdout', offset: page.next_offset, limit_bytes: 100 });
    }
    assert.equal(text, numbers(1, 100));
});

await check("get_job_statistics counts the caller's jobs", async () => {
    const counts = answerOf(await call(client, 'get_job_statistics', {}));
    assert.equal(counts.total, 6);
    assert.deepEqual(
        counts.by_status, { queued: 1, running: 1, done: 1, error: 2, cancelled: 1 },
    );
});

await check('a foreign job and an unknown one get the same text', async () => {
    const words = (text, job) => text.replaceAll(job, 'JOB');
    for (const name of ['get_job_status', 'get_job', 'wait_for_job', 'get_job_output']) {
        const [foreign, unknown] = await Promise.all(
            [jobs.foreign, unknownJob].map((job_id) => call(client, name, { job_id })),
        );
        assert.equal(
            words(foreign.content[0].text, jobs.foreign), words(unknown.content[0].text, unknownJob),
            name,
        );
        assert.match(foreign.content[0].text, /not.found/, name);
    }
    assert.deepEqual(
        answerOf(await ask(client, { job_id: jobs.foreign })),
        { error: 'job_not_found', job_id: jobs.foreign },
    );
    for (const job of [jobs.foreign, unknownJob, 'job_nope', '1']) await refused(client, uriOf(job));
});

await check('bad arguments are tool errors with their name, unknown tools protocol errors', async () => {
    for (const args of [{}, { job_id: 42 }, { job_id: null }, { id: 'x' }]) {
        for (const name of readingTools.filter((tool) => /status$|_job$|output/.test(tool))) {
            assert.match(failureOf(await call(client, name, args)), /job_id/, name);
        }
    }
    assert.match(failureOf(await call(client, 'list_jobs', { limit: 101 })), /limit/);
    assert.match(failureOf(await call(client, 'list_jobs', { status: ['over'] })), /status/);
    const waits = { job_id: jobs.done, timeout_seconds: 'long' };
    assert.match(failureOf(await call(client, 'wait_for_job', waits)), /timeout_seconds/);
    for (const job_id of ['', '../../etc', 'x'.repeat(129), 'a\nb']) {
        assert.deepEqual(
            answerOf(await ask(client, { job_id })),
            { error: 'invalid_parameter', parameter: 'job_id' },
        );
    }
    await assert.rejects(client.callTool({ name: 'no_such_tool' }), { code: -32602 });
});

await check("the caller's jobs are listed as resources, and all of them can be read", async () => {
    const { resources } = await client.listResources();
    const uris = resources.map(({ uri }) => uri);
    const own = Object.values(jobs).filter((job) => job !== jobs.foreign);
    for (const job of own) assert.ok(uris.includes(uriOf(job)), job);
    assert.ok(!uris.includes(uriOf(jobs.foreign)));
    for (const uri of uris) assert.equal((await client.readResource({ uri })).contents.length, 1);
    const { resourceTemplates } = await client.listResourceTemplates();
    const templates = resourceTemplates.map(({ uriTemplate }) => uriTemplate);
    assert.ok(templates.includes('atlas://job/{job_id}'));
    assert.ok(templates.includes('atlas://job/{job_id}/log'));
    const log = await client.readResource({ uri: `${uriOf(jobs.printed)}/log` });
    assert.match(log.contents[0].text, /\n100\n/);
    const counts = await client.readResource({ uri: 'atlas://jobs/statistics' });
    assert.equal(JSON.parse(counts.contents[0].text).total, own.length);
});

await check("the prompt contains its job, and completion offers the caller's jobs", async () => {
    const { prompts } = await client.listPrompts();
    assert.deepEqual(prompts.map(({ name }) => name), ['diagnose_job']);
    const { messages } = await client.getPrompt({
        name: 'diagnose_job', arguments: { job_id: jobs.printed },
    });
    assert.equal(messages[0].role, 'user');
    assert.match(messages[0].content.text, new RegExp(jobs.printed));
    await assert.rejects(client.getPrompt({ name: 'diagnose_job' }), { code: -32602 });
    await assert.rejects(client.getPrompt({ name: 'no_such_prompt' }), { code: -32602 });
    for (const ref of [
        { type: 'ref/prompt', name: 'diagnose_job' },
        { type: 'ref/resource', uri: 'atlas://job/{job_id}' },
    ]) {
        const complete = (value) => client.complete({ ref, argument: { name: 'job_id', value } });
        const { values } = (await complete('')).completion;
        assert.ok(values.includes(jobs.done) && !values.includes(jobs.foreign), ref.type);
        assert.deepEqual((await complete(jobs.done)).completion.values, [jobs.done]);
    }
    await assert.rejects(
        client.complete({ ref: { type: 'ref/prompt', name: 'none' }, argument: { name: 'a', value: '' } }),
        { code: -32602 },
    );
});

await check('a subscriber is notified of changes by other processes until it unsubscribes', async () => {
    const updates = new AsyncQueue();
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => updates.push(params.uri));
    const watched = await create('--start');
    const other = await create('--start');
    await client.subscribeResource({ uri: uriOf(watched) });
    await atlasjob('report', watched, '--progress', '0.5');
    assert.equal(await updates.next(), uriOf(watched));
    await client.unsubscribeResource({ uri: uriOf(watched) });
    await client.subscribeResource({ uri: uriOf(other) });
    await atlasjob('finish', watched);
    await atlasjob('finish', other);
    // A notification that was pending before the unsubscribe may still arrive.
    assert.equal(await updates.first((uri) => uri === uriOf(other)), uriOf(other));
    const foreign = client.subscribeResource({ uri: uriOf(jobs.foreign) });
    await assert.rejects(foreign, (error) => [-32002, -32602].includes(error.code));
});

await check('five hundred concurrent calls are answered, and the server exits with 0', async () => {
    const many = await Promise.all(
        Array.from({ length: 500 }, () => ask(client, { job_id: jobs.done })),
    );
    for (const result of many) assert.equal(answerOf(result).status, 'done');
    await closeCleanly(client);
});

await check('without a principal every call gets authentication_missing', async () => {
    const nobody = await connect({ person: '', options: ['--require-principal', ...allowAll] });
    assert.deepEqual(
        answerOf(await ask(nobody, { job_id: jobs.done })), { error: 'authentication_missing' },
    );
    await closeCleanly(nobody);
});

await stopWorkers();
finish();
