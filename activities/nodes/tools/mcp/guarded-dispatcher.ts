import { lookup as resolve, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import ipaddr from 'ipaddr.js';

/** Bytes of one response at most. */
const LARGEST_RESPONSE = 64 * 1024 * 1024;

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

/**
 * Connections to public addresses alone, and to this machine where the url itself says so. The
 * address that was checked is the one that is connected to, so a name that changes its address in
 * between gains nothing.
 */
export function createGuardedDispatcher({ allowPrivate }: { allowPrivate: boolean }): Dispatcher {
  const connect = buildConnector({ lookup: guardedLookup(allowPrivate) });
  return new Agent({
    maxResponseSize: LARGEST_RESPONSE,
    connect(options, callback) {
      const host = options.hostname.replace(/^\[|\]$/g, '');
      // A literal address is connected to without a lookup.
      if (isIP(host) !== 0 && !mayReach(host, { host, allowPrivate })) callback(refusal(host, host), null);
      else connect(options, callback);
    },
  });
}

function guardedLookup(allowPrivate: boolean): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, '', 0);
      const wrong = addresses.find(({ address }) => !mayReach(address, { host, allowPrivate }));
      const [first] = addresses;
      if (wrong !== undefined || first === undefined) return callback(refusal(host, wrong?.address ?? 'no address'), '', 0);
      if (options.all === true) (callback as unknown as (error: null, addresses: LookupAddress[]) => void)(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function mayReach(address: string, { host, allowPrivate }: { host: string; allowPrivate: boolean }): boolean {
  const range = ipaddr.process(address).range();
  if (range === 'unicast' || allowPrivate) return true;
  return range === 'loopback' && LOOPBACK_HOST.test(host);
}

function refusal(host: string, address: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`${host} is ${address}, which is no public address; SYNGRAPH_ALLOW_PRIVATE_NETWORK=1 would allow it`);
  error.code = 'EACCES';
  return error;
}
