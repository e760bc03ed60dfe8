// sdk_server.mjs FOLDER: the official TypeScript SDK's stdio server with one tool, get_job_status. FOLDER has
// it in its node_modules. It answers from memory: what is measured is the SDK, and no database slows it down.
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(path.resolve(process.argv[2], 'package.json'));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { McpServer } = await load('@modelcontextprotocol/sdk/server/mcp.js');
const { StdioServerTransport } = await load('@modelcontextprotocol/sdk/server/stdio.js');
const { z } = await load('zod');

const job = {
  kind: 'sync', target: { channel_id: 'C0ENG' }, status: 'done', progress: 1, phase: 'embedding', message: '711/711',
  current: 711, total: 711, created_at: '2026-11-22T12:00:00.250Z', started_at: '2026-11-22T12:00:01.000Z',
  updated_at: '2026-11-22T12:00:42.500Z', ended_at: '2026-11-22T12:00:42.500Z', result: { files: 711, lines: 73123 },
  error: null,
};
const server = new McpServer({ name: 'sdk', version: '1' });
server.registerTool(
  'get_job_status',
  { description: 'Status of a job', inputSchema: { job_id: z.string() } },
  async ({ job_id }) => {
    const found = { job_id, ...job };
    return { content: [{ type: 'text', text: JSON.stringify(found) }], structuredContent: found };
  },
);
await server.connect(new StdioServerTransport());
