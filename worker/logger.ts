import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LogLevel, LogMetadata, Logger } from '@temporalio/common';
import winston from 'winston';
import { redactSecrets } from '../activities/models/redact-secrets.ts';

const FILE_BYTES = 10_000_000;
const FILES_KEPT = 5;
/** Of one record in the file. */
const MAXIMUM_CHARACTERS = 20_000;

/** Temporal's own remarks (lost polls, failed attempts that are retried) are for the file alone. */
const SILENT_COMPONENTS = new Set<unknown>(['core', 'worker', 'client']);

export interface LoggerOptions {
  storeFolder: string;
  /** Values of its secret variables are blotted out of every record. */
  environment: NodeJS.ProcessEnv;
  /** Gets warnings and errors as lines without a line break. Default: standard error. */
  onWarning?: (line: string) => void;
}

/**
 * JSON lines in `<store>/logs/syngraph.log` (10 MB a file, five kept), warnings on the terminal
 * too. It is a Temporal logger: see `installRuntime`.
 */
export function createLogger(options: LoggerOptions): Logger & { close: () => Promise<void> } {
  const { environment, onWarning = (line): unknown => process.stderr.write(`${line}\n`) } = options;
  const folder = join(options.storeFolder, 'logs');
  mkdirSync(folder, { recursive: true });
  const file = new winston.transports.File({ dirname: folder, filename: 'syngraph.log', maxsize: FILE_BYTES, maxFiles: FILES_KEPT, tailable: true });
  const sink = winston.createLogger({ level: 'info', format: winston.format.printf(({ message }) => String(message)), transports: [file] });

  const write = (level: LogLevel, message: string, meta: LogMetadata = {}): void => {
    if (level === 'TRACE' || level === 'DEBUG') return;
    const record = { time: new Date().toISOString(), level: level.toLowerCase(), pid: process.pid, message, ...meta };
    const name = level === 'ERROR' ? 'error' : level === 'WARN' ? 'warn' : 'info';
    sink.log(name, redactSecrets(JSON.stringify(record, replacer), environment).slice(0, MAXIMUM_CHARACTERS));
    if (name !== 'info' && !SILENT_COMPONENTS.has(meta.sdkComponent)) onWarning(`${name === 'warn' ? 'warning' : 'error'}: ${redactSecrets(message, environment)}`);
  };
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
    close: () =>
      new Promise((resolve) => {
        file.once('finish', () => resolve());
        sink.end();
      }),
  };
}

/** JSON knows neither errors nor the 64-bit numbers that Temporal's metadata has. */
function replacer(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return { name: value.name, message: value.message, stack: value.stack, cause: value.cause };
  return value;
}
