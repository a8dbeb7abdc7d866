import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MILLISECONDS = 10;

/** Resolves to true once something accepts connections on the loopback port, to false when `isLost` says so first. */
export async function waitForPort(port: number, isLost: () => boolean): Promise<boolean> {
  while (!isLost()) {
    if (await acceptsConnections(port)) return true;
    await sleep(POLL_MILLISECONDS);
  }
  return false;
}

/** Whether something listens on the loopback port now. */
export function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
