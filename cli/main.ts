#!/usr/bin/env node
import './bound-heap.ts';
import { runCli } from './run-cli.ts';

// `syngraph list | head`: who reads has had enough, and nobody is left to be told.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const exitCode = await runCli(process.argv.slice(2));
// Nothing that is still open, such as a connection that is kept alive, may hold up the end.
process.stdout.write('', () => process.exit(exitCode));
