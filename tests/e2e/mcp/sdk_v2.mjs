// The official client of the second line on the real program, in whichever era it is told to.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { connectTo, revision } from './sandbox.mjs';

export const clientInfo = { name: 'atlasjob-e2e', version: '2.0.0' };

/** How the client finds out which era to speak, and the era and revision it then must find. */
export const modes = {
    legacy: { mode: 'legacy', era: 'legacy', speaks: '2025-11-25' },
    auto: { mode: 'auto', era: 'modern', speaks: revision },
    pinned: { mode: { pin: revision }, era: 'modern', speaks: revision },
};

export const connect = (mode, how = {}) =>
    connectTo(new Client(clientInfo, { versionNegotiation: { mode } }), StdioClientTransport, how);

export const call = (client, name, args, options) =>
    client.callTool({ name, arguments: args }, options);
