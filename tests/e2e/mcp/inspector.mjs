// The Inspector's command line, one process per request, in each mode: every tool, resource and prompt.
//   inspector.mjs PROGRAM PACKAGES
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { check, finish } from './check.mjs';
import {
    allowAll, atlasjob, stopWorkers, environment, inHome, makeJobs, serverCommand,
} from './sandbox.mjs';

const launcher = join(
    process.argv[3], 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js',
);
const { command, args } = serverCommand(...allowAll);
const serverEnvironment = Object.entries(environment())
    .filter(([name]) => name !== 'PATH')
    .flatMap(([name, value]) => ['-e', `${name}=${value}`]);

/** Runs the Inspector once with a new server; returns its exit code and output. */
function inspect(era, words) {
    const argv = [
        launcher, '--cli', '--protocol-era', era, '--format', 'json', ...serverEnvironment, ...words,
        '--', command, ...args,
    ];
    const env = {
        ...environment(), HOME: inHome('inspector'), MCP_INSPECTOR_SECRET_STORE: 'memory',
    };
    return new Promise((resolve) => {
        execFile(process.execPath, argv, { env, maxBuffer: 1 << 26 }, (error, out, err) =>
            resolve({ code: error ? error.code : 0, out, err }),
        );
    });
}

/** The result of a request, which the Inspector must report as a success. */
async function result(era, ...words) {
    const { code, out, err } = await inspect(era, words);
    assert.equal(code, 0, `${words.join(' ')}\n${out}\n${err}`);
    return JSON.parse(out).result;
}

const callWords = (name, values) => [
    '--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(values),
];

const ended = await atlasjob('submit', '--', 'sh', '-c', 'echo hello; exit 3');
await atlasjob('worker', '--drain');

/** A job whose command fails in its first attempt only: its retry is a task that ends. */
async function failedOnce() {
    const job = await atlasjob('submit', '--', 'sh', '-c', 'test "$ATLASJOB_ATTEMPT" = 2');
    await atlasjob('worker', '--drain');
    return job;
}

/** Valid arguments for each tool; each set of jobs can be used once. */
const callsOn = (jobs) => ({
    get_job_status: { job_id: jobs.running },
    get_job: { job_id: ended },
    list_jobs: { status: ['done'], limit: 10 },
    wait_for_job: { job_id: jobs.running, timeout_seconds: 1 },
    get_job_output: { job_id: ended, tail_lines: 5 },
    get_job_statistics: {},
    submit_job: { command: ['true'] },
    cancel_job: { job_id: jobs.queued },
    retry_job: { job_id: jobs.failedOnce },
});

for (const era of ['legacy', 'auto', 'modern']) {
    const modern = era !== 'legacy';
    const jobs = { failedOnce: await failedOnce(), ...(await makeJobs()) };
    const calls = callsOn(jobs);

    await check(`${era}: tool schemas pass --strict`, async () => {
        const { tools } = await result(era, '--method', 'tools/list', '--strict');
        assert.deepEqual(tools.map(({ name }) => name).sort(), Object.keys(calls).sort());
    });

    for (const [name, values] of Object.entries(calls)) {
        await check(`${era}: ${name} answers`, async () => {
            const answer = await result(era, ...callWords(name, values));
            assert.ok(!answer.isError);
            assert.deepEqual(JSON.parse(answer.content[0].text), answer.structuredContent);
            if (modern) assert.equal(answer.resultType, 'complete');
        });
    }

    await check(`${era}: a failed call is reported as such`, async () => {
        const { code, out } = await inspect(era, callWords('get_job', { job_id: 7 }));
        assert.equal(code, 5, out);
        assert.match(out, /job_id/);
    });

    await check(`${era}: every resource and template is listed and readable`, async () => {
        const { resources } = await result(era, '--method', 'resources/list');
        const { resourceTemplates } = await result(era, '--method', 'resources/templates/list');
        const uris = resourceTemplates.map(({ uriTemplate }) => uriTemplate.replace('{job_id}', ended));
        assert.ok(uris.length >= 2);
        uris.push(...resources.map(({ uri }) => uri).filter((uri) => !uri.includes('/job/')));
        uris.push(resources.find(({ uri }) => uri.includes(jobs.done)).uri);
        for (const uri of uris) {
            const { contents } = await result(era, '--method', 'resources/read', '--uri', uri);
            assert.equal(contents[0].uri, uri);
        }
    });

    await check(`${era}: every prompt is listed and rendered`, async () => {
        const { prompts } = await result(era, '--method', 'prompts/list');
        assert.ok(prompts.length > 0);
        for (const { name } of prompts) {
            const { messages } = await result(
                era, '--method', 'prompts/get', '--prompt-name', name, '--prompt-args', `job_id=${ended}`,
            );
            assert.match(messages[0].content.text, new RegExp(ended));
        }
    });

    await check(`${era}: 500 calls, eight at a time, are all answered`, async () => {
        const load = ['--load', '--load-requests', '500', '--load-concurrency', '8'];
        const { ok, errors } = await result(
            era, ...callWords('get_job_status', { job_id: jobs.done }), ...load,
        );
        assert.deepEqual([ok, errors], [500, 0]);
    });
}

await stopWorkers();
finish();
