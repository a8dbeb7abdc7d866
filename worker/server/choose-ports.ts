import { createServer } from 'node:net';
import { SyngraphError } from '../../pipeline/errors.ts';

const TRIED_PAIRS = 200;

export interface PortPair {
  port: number;
  uiPort: number;
}

/** The wanted pair, else the next pair above it of which both are free on the loopback interface. */
export async function choosePorts(wanted: PortPair): Promise<PortPair> {
  for (let step = 0; step < TRIED_PAIRS; step++) {
    const pair = { port: wanted.port + step, uiPort: wanted.uiPort + step };
    if ((await isFree(pair.port)) && (await isFree(pair.uiPort))) return pair;
  }
  throw new SyngraphError({
    code: 'SERVER_UNAVAILABLE',
    message: `no free pair of ports for the Temporal server among ${wanted.port}/${wanted.uiPort} and the next ${TRIED_PAIRS}`,
    nextStep: 'Set SYNGRAPH_TEMPORAL_PORT to a port in a free range.',
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
