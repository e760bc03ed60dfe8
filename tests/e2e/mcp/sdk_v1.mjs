// The official client of the first line (initialize, up to 2025-11-25) on the real program.
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { environment, serverCommand } from './sandbox.mjs';

/** A client that is connected to a server of its own. `env`: more than its host's environment. */
export async function connect({ options = [], env = {}, person = 'alice' } = {}) {
    const client = new Client({ name: 'atlasjob-e2e', version: '1.0.0' });
    client.onerror = (error) => assert.fail(`the client rejected a message: ${error}`);
    await client.connect(
        new StdioClientTransport({ ...serverCommand(...options), env: environment(person, env) }),
    );
    // From here on the client checks each structured result against its tool's output schema.
    await client.listTools();
    return client;
}

export const call = (client, name, args, options) =>
    client.callTool({ name, arguments: args }, undefined, options);
