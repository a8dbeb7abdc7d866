import type { DataConverter } from '@temporalio/common';
import type { NativeConnectionOptions } from '@temporalio/worker';

/** A Temporal server that can be worked with, ours or somebody else's. */
export interface ServerHandle {
  /** host:port of gRPC. */
  address: string;
  namespace: string;
  /** Base address of the Web UI, without a slash at its end; null where it is not known. */
  uiUrl: string | null;
  /** For `Connection` and `NativeConnection` alike: address, TLS, API key, metadata. */
  connectionOptions: NativeConnectionOptions;
  /** For every client and worker of it: encrypts payloads. undefined where there are no keys. */
  dataConverter?: DataConverter;
  /** Whether the server is one that Syngraph started for this store. */
  isEmbedded: boolean;
  /** Ends this use. The embedded server ends with its last user, unless `syngraph up` started it. Never fails twice. */
  release: () => Promise<void>;
}
