// The official client of the second line on the real program, in whichever era it is told to.
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { environment, revision, serverCommand } from './sandbox.mjs';

export const clientInfo = { name: 'atlasjob-e2e', version: '2.0.0' };

/** How the client finds out which era to speak, and the era and revision it then must find. */
export const modes = {
    legacy: { mode: 'legacy', era: 'legacy', speaks: '2025-11-25' },
    auto: { mode: 'auto', era: 'modern', speaks: revision },
    pinned: { mode: { pin: revision }, era: 'modern', speaks: revision },
};

export async function connect(mode, { options = [], env = {}, person = 'alice' } = {}) {
    const client = new Client(clientInfo, { versionNegotiation: { mode } });
    client.onerror = (error) => assert.fail(`the client rejected a message: ${error}`);
    await client.connect(
        new StdioClientTransport({ ...serverCommand(...options), env: environment(person, env) }),
    );
    await client.listTools();
    return client;
}

export const call = (client, name, args, options) =>
    client.callTool({ name, arguments: args }, options);
