// SDK v2 with the real program, in legacy or modern mode.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { connectTo, revision } from './sandbox.mjs';

export const clientInfo = { name: 'atlasjob-e2e', version: '2.0.0' };

/** The client's version negotiation mode, and the protocol era and revision that it must result in. */
export const modes = {
    legacy: { mode: 'legacy', era: 'legacy', speaks: '2025-11-25' },
    auto: { mode: 'auto', era: 'modern', speaks: revision },
    pinned: { mode: { pin: revision }, era: 'modern', speaks: revision },
};

export const connect = (mode, options = {}) =>
    connectTo(new Client(clientInfo, { versionNegotiation: { mode } }), StdioClientTransport, options);

export const call = (client, name, args, options) =>
    client.callTool({ name, arguments: args }, options);
