// SDK v1 as a client of mcp-background-job: commands are started, sent input, watched and killed, through
// servers that are restarted.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { check, finish } from './check.mjs';
import { answerOf, atlasjob, atlasjobAs, closeCleanly, failureOf, gated, kill, statusOf, unknownJob } from './sandbox.mjs';
import { call, connect } from './sdk_v1.mjs';

const serve = (...options) =>
    connect({ options: ['--contract', 'bgjob', '--allow', 'submit,cancel', ...options] });
const ask = async (client, name, args = {}) => answerOf(await call(client, name, args));
const start = async (client, command) => (await ask(client, 'execute_command', { command })).job_id;
const status = async (client, job) => (await ask(client, 'get_job_status', { job_id: job })).status;
const output = (client, job) => ask(client, 'get_job_output', { job_id: job });

const neverEnds = await atlasjob('create', '--kind', 'never');
/** Polls every 20 ms until the condition is true of the answer; returns it. */
async function until(poll, condition) {
    for (;;) {
        const answer = await poll();
        if (condition(answer)) return answer;
        await atlasjob('wait', '--timeout', '20ms', neverEnds).catch(() => {});
    }
}
const untilEnded = (client, job) => until(() => status(client, job), (word) => word !== 'running');
const untilPrinted = (client, job, text) =>
    until(() => output(client, job), ({ stdout }) => stdout.includes(text));

/** Whether the process exists and is not a zombie. */
function isAlive(pid) {
    try {
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
        return false;
    }
}

await check('a command is started and polled to its end, with separate output streams', async () => {
    const client = await serve();
    const gate = gated();
    const job = await start(client, `echo out; echo err >&2; ${gate.command[2]}; echo last && exit 0`);
    assert.match(job, /^[0-9a-f-]{36}$/);
    assert.equal(await status(client, job), 'running');
    await untilPrinted(client, job, 'out\n');
    await gate.open();
    assert.equal(await untilEnded(client, job), 'completed');
    assert.deepEqual(await output(client, job), { stdout: 'out\nlast\n', stderr: 'err\n' });
    const tail = await ask(client, 'tail_job_output', { job_id: job, lines: 1 });
    assert.deepEqual(tail, { stdout: 'last\n', stderr: 'err\n' });
    const { jobs } = await ask(client, 'list_jobs');
    const listed = jobs.find(({ job_id }) => job_id === job);
    assert.equal(listed.status, 'completed');
    assert.match(listed.command, /^echo out; echo err >&2; /);
    assert.match(listed.started, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/);
    const { labels, kind, command } = await statusOf(job);
    assert.deepEqual(labels, { contract: 'bgjob' });
    assert.equal(kind, 'command');
    assert.deepEqual(command.slice(0, 2), ['/bin/sh', '-c']);
    await closeCleanly(client);
});

await check('a command that fails or cannot start is failed', async () => {
    const client = await serve();
    for (const command of ['exit 3', 'kill -ABRT $$', 'no-such-program-at-all']) {
        assert.equal(await untilEnded(client, await start(client, command)), 'failed', command);
    }
    await closeCleanly(client);
});

await check('input reaches a job through a new server and through two servers at once', async () => {
    const first = await serve();
    const job = await start(first, 'while read -r line; do echo "got $line"; done');
    // Output that comes after the response is found by get_job_output.
    const send = async (client, input) => {
        const { stdout } = await ask(client, 'interact_with_job', { job_id: job, input });
        if (!stdout.includes(`got ${input}\n`)) await untilPrinted(client, job, `got ${input}\n`);
    };
    await send(first, 'one');
    await send(first, 'two words');
    await kill(first);
    const [second, third] = await Promise.all([serve(), serve()]);
    assert.equal(await status(second, job), 'running');
    await send(second, 'three');
    await send(third, 'four');
    assert.equal(
        (await output(second, job)).stdout,
        'got one\ngot two words\ngot three\ngot four\n',
    );
    assert.deepEqual(await ask(second, 'kill_job', { job_id: job }), { status: 'killed' });
    assert.equal(
        failureOf(await call(third, 'interact_with_job', { job_id: job, input: 'late' })),
        `Job ${job} is not running and cannot accept input`,
    );
    await closeCleanly(second);
    await closeCleanly(third);
});

await check('a killed job is killed whatever it exits with, and so are its descendants', async () => {
    const client = await serve();
    const job = await start(
        client,
        `trap 'exit 0' TERM; setsid sh -c 'echo $$; exec sleep 1000' & sleep 1000 & echo $!; wait`,
    );
    const { stdout } = await until(() => output(client, job), (o) => o.stdout.split('\n').length === 3);
    const pids = stdout.trim().split('\n');
    assert.ok(pids.every(isAlive));
    assert.deepEqual(await ask(client, 'kill_job', { job_id: job }), { status: 'killed' });
    assert.equal(await status(client, job), 'killed');
    assert.equal(await status(client, job), 'killed');
    assert.deepEqual(pids.filter(isAlive), []);
    assert.equal((await statusOf(job)).status, 'cancelled');
    assert.deepEqual(await ask(client, 'kill_job', { job_id: job }), { status: 'already_terminated' });
    const done = await start(client, 'true');
    await untilEnded(client, done);
    assert.deepEqual(await ask(client, 'kill_job', { job_id: done }), { status: 'already_terminated' });
    assert.equal(await status(client, done), 'completed');
    await closeCleanly(client);
});

await check('a job that has ended frees its slot of the job limit without being polled', async () => {
    const client = await serve('--job-limit', '1');
    const gate = gated();
    const job = await start(client, gate.command[2]);
    assert.equal(
        failureOf(await call(client, 'execute_command', { command: 'true' })),
        'Job limit reached: Maximum concurrent jobs limit (1) reached',
    );
    await gate.open();
    await atlasjob('wait', job);
    const next = await start(client, 'true');
    await atlasjob('wait', next);
    // Neither a job of another client nor a lost one takes a slot.
    const elsewhere = await atlasjob('run', '--detach', '--', 'sleep', '1000');
    const lost = await start(client, 'sleep 1000');
    process.kill((await statusOf(lost)).worker.pid, 'SIGKILL');
    await until(async () => isAlive((await statusOf(lost)).worker.pid), (alive) => !alive);
    const last = await start(client, 'true');
    assert.equal(await status(client, lost), 'failed');
    assert.equal(await untilEnded(client, last), 'completed');
    assert.deepEqual(await ask(client, 'kill_job', { job_id: elsewhere }), { status: 'killed' });
    await closeCleanly(client);
});

await check('a job survives the kill of its server right after the response', async () => {
    const client = await serve();
    const gate = gated();
    const job = await start(client, `${gate.command[2]}; pwd; echo "$MARK"`);
    await kill(client);
    assert.equal((await statusOf(job)).status, 'running');
    await gate.open();
    await atlasjob('wait', job);
    const next = await serve();
    assert.equal(await status(next, job), 'completed');
    assert.equal((await output(next, job)).stdout, `${process.cwd()}\n\n`);
    await closeCleanly(next);
});

await check('unknown, foreign and malformed ids get the same error', async () => {
    const client = await serve();
    const foreign = await atlasjobAs('bob', 'run', '--detach', '--interactive', '--', 'cat');
    for (const id of [unknownJob, foreign, 'nope', '../../etc']) {
        const sentence = `Job ${id} not found`;
        for (const tool of ['get_job_status', 'get_job_output', 'tail_job_output'])
            assert.equal(failureOf(await call(client, tool, { job_id: id })), sentence);
        const refused = await call(client, 'interact_with_job', { job_id: id, input: 'x' });
        assert.equal(failureOf(refused), sentence);
        assert.deepEqual(await ask(client, 'kill_job', { job_id: id }), { status: 'not_found' });
    }
    const { jobs } = await ask(client, 'list_jobs');
    assert.ok(jobs.every(({ job_id }) => job_id !== foreign));
    await atlasjobAs('bob', 'cancel', '--wait', foreign);
    assert.match(
        failureOf(await call(client, 'get_job_status', {})),
        /^1 validation error for call\[get_job_status\]\njob_id\n {2}Missing required argument \[type=missing_argument, /,
    );
    assert.equal(
        failureOf(await call(client, 'execute_command', { command: ' ' })),
        'Invalid command: Command cannot be empty',
    );
    await closeCleanly(client);
});

await check('without --allow tools that change jobs are neither listed nor callable', async () => {
    const client = await connect({ options: ['--contract', 'bgjob'] });
    const { tools } = await client.listTools();
    assert.deepEqual(
        tools.map(({ name }) => name),
        ['get_job_status', 'list_jobs', 'get_job_output', 'tail_job_output'],
    );
    assert.ok(tools.every(({ annotations }) => annotations.readOnlyHint));
    await assert.rejects(call(client, 'execute_command', { command: 'true' }), /unknown tool/);
    await assert.rejects(call(client, 'kill_job', { job_id: unknownJob }), /unknown tool/);
    await closeCleanly(client);
});

finish();
