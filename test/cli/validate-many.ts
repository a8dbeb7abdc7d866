import { runCli } from '../../cli/run-cli.ts';

/**
 * `syngraph validate` for each task named on the command line, in one process, since starting one
 * takes longer than validating. A line of JSON with the exit code stands after each one's errors.
 */
for (const task of process.argv.slice(2)) {
  const exitCode = await runCli(['validate', task]);
  process.stderr.write(`${JSON.stringify({ task, exitCode })}\n`);
}
