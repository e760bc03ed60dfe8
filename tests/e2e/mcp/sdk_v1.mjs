// SDK v1 (initialize, up to 2025-11-25) with the real program.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { connectTo } from './sandbox.mjs';

export const connect = (options = {}) =>
    connectTo(new Client({ name: 'atlasjob-e2e', version: '1.0.0' }), StdioClientTransport, options);

export const call = (client, name, args, options) =>
    client.callTool({ name, arguments: args }, undefined, options);
