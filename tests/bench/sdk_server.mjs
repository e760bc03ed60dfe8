// sdk_server.mjs FOLDER LEDGER: a stdio server of the official TypeScript SDK with one tool, get_job_status. The
// node_modules of FOLDER must have the SDK, and better-sqlite3 to read the ledger; without better-sqlite3 it
// answers from memory, which is faster than any real server.
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(path.resolve(process.argv[2], 'package.json'));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { McpServer } = await load('@modelcontextprotocol/sdk/server/mcp.js');
const { StdioServerTransport } = await load('@modelcontextprotocol/sdk/server/stdio.js');
const { z } = await load('zod');

const fixed = {
  kind: 'sync', target: { channel_id: 'C0ENG' }, status: 'done', progress: 1, phase: 'embedding', message: '711/711',
  current: 711, total: 711, created_at: '2026-11-22T12:00:00.250Z', started_at: '2026-11-22T12:00:01.000Z',
  updated_at: '2026-11-22T12:00:42.500Z', ended_at: '2026-11-22T12:00:42.500Z', result: { files: 711, lines: 73123 },
  error: null,
};
const SQL = `SELECT job_id, kind, status, progress, phase, message, current, total, created_at, started_at,
  updated_at, ended_at, target, result, error FROM jobs WHERE job_id = ? AND owner = 'bench'`;

function reader() {
  let sqlite;
  try {
    sqlite = require('better-sqlite3');
  } catch {
    process.stderr.write('sdk_server: better-sqlite3 is missing: answering from memory\n');
    return (job_id) => ({ job_id, ...fixed });
  }
  const row = sqlite(process.argv[3], { readonly: true }).prepare(SQL);
  return (job_id) => {
    const job = row.get(job_id);
    return { ...job, target: JSON.parse(job.target), result: JSON.parse(job.result) };
  };
}

const read = reader();
const server = new McpServer({ name: 'sdk', version: '1' });
server.registerTool(
  'get_job_status',
  { description: 'Status of a job', inputSchema: { job_id: z.string() } },
  async ({ job_id }) => {
    const found = read(job_id);
    return { content: [{ type: 'text', text: JSON.stringify(found) }], structuredContent: found };
  },
);
await server.connect(new StdioServerTransport());
