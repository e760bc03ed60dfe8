// The official client of the first line (initialize, up to 2025-11-25) on the real program.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { connectTo } from './sandbox.mjs';

export const connect = (how = {}) =>
    connectTo(new Client({ name: 'atlasjob-e2e', version: '1.0.0' }), StdioClientTransport, how);

export const call = (client, name, args, options) =>
    client.callTool({ name, arguments: args }, undefined, options);
