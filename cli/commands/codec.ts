import type { CommandContext } from '../context.ts';
import { SyngraphError } from '../../pipeline/errors.ts';

interface CodecFlags {
  port?: number;
  host?: string;
  uiOrigin?: string[];
  /** false: none is needed. */
  token?: boolean;
}

const PORT = 8081;
/** Of the embedded server, and of temporal-dev.yml. */
const ORIGINS = ['http://localhost:8233', 'http://127.0.0.1:8233'];

/** `syngraph codec`: decrypts payloads for the Web UI and the temporal CLI until Ctrl-C. */
export async function execute({ environment, terminal, isJson }: CommandContext, _positionals: (string | undefined)[], options: Record<string, unknown>): Promise<number> {
  const { port = PORT, host = '127.0.0.1', uiOrigin = ORIGINS, token: wantsToken = true } = options as CodecFlags;
  const [{ readEncryptionKeys }, { createPayloadCodec }, { isLoopback, startCodecServer }] = await Promise.all([
    import('../../worker/codec/encryption-keys.ts'),
    import('../../worker/codec/payload-codec.ts'),
    import('../../worker/codec/start-codec-server.ts'),
  ]);
  const keys = readEncryptionKeys(environment);
  if (keys === null) {
    throw new SyngraphError({ code: 'USAGE', message: 'there are no keys to decrypt with', nextStep: 'Set SYNGRAPH_CODEC_KEYS or SYNGRAPH_CODEC_KEYS_FILE to those of the workers; see docs/production.md.' });
  }
  const given = environment.SYNGRAPH_CODEC_TOKEN;
  const token = given === '' || !wantsToken ? undefined : given;
  if (!isLoopback(host) && token === undefined && wantsToken) {
    throw new SyngraphError({ code: 'USAGE', message: `on ${host} anybody could have payloads decrypted`, nextStep: 'Set SYNGRAPH_CODEC_TOKEN, which clients must send as a bearer token then, or leave --host out.' });
  }
  const server = await startCodecServer({ codec: createPayloadCodec(keys), port, host, origins: uiOrigin.map(originOf), token, onError: (error) => terminal.warn(`error: ${error.message}`) }).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw cause;
    throw new SyngraphError({ code: 'USAGE', message: `cannot listen on ${host}:${port}: ${(cause as Error).message}`, nextStep: 'Choose another --port; 0 takes any free one.', cause });
  });
  if (isJson) terminal.result(JSON.stringify({ url: server.url, pid: process.pid }));
  else {
    terminal.tell(server.url);
    terminal.note(`Enter it as codec server in the Web UI, or give it to the CLI: temporal workflow show --codec-endpoint ${server.url} …; Ctrl-C ends it.`);
  }
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await server.close();
  return 0;
}

/** @throws SyngraphError USAGE for what is no origin, such as `*` */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.username === '') return url.origin;
  throw new SyngraphError({ code: 'USAGE', message: `--ui-origin: ${JSON.stringify(text)} is no origin`, nextStep: 'Write scheme, host and port of the Web UI, e.g. https://cloud.temporal.io or http://localhost:8233.' });
}
