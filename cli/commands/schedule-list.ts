import type { CommandContext } from '../context.ts';
import { renderTable } from '../render/table.ts';
import { describeSchedule, type DescribedSchedule } from '../schedule/describe-schedule.ts';
import { isOurs } from '../schedule/open-schedule.ts';
import { openServer } from '../session/open-server.ts';

/** `syngraph schedule list`: the schedules on the server. */
export async function execute(context: CommandContext): Promise<number> {
  const { terminal, isJson } = context;
  const { client, close } = await openServer(context);
  try {
    const schedules: DescribedSchedule[] = [];
    for await (const schedule of client.schedule.list()) {
      if (isOurs(schedule)) schedules.push(describeSchedule(await client.schedule.getHandle(schedule.scheduleId).describe()));
    }
    if (isJson) terminal.result(JSON.stringify(schedules));
    else if (schedules.length === 0) terminal.tell('No schedules. syngraph schedule create TASK --cron "0 2 * * *" makes one.');
    else for (const line of renderTable(COLUMNS, schedules.map(row))) terminal.tell(line);
    return 0;
  } finally {
    await close();
  }
}

const COLUMNS = [{ title: 'schedule' }, { title: 'task' }, { title: 'due' }, { title: 'next' }, { title: 'runs', align: 'right' as const }];

function row({ id, task, cron, timeZone, paused, next, taken }: DescribedSchedule): string[] {
  return [id, task, `${cron.join('; ')} (${timeZone})`, paused ? 'paused' : (next[0] ?? ''), String(taken)];
}
