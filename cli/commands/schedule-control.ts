import { userInfo } from 'node:os';
import type { ScheduleHandle } from '@temporalio/client';
import type { CommandModule } from '../command-module.ts';
import { describeSchedule, renderSchedule } from '../schedule/describe-schedule.ts';
import { withSchedule } from '../schedule/open-schedule.ts';

/** `syngraph schedule describe ID` */
export const describe: CommandModule = {
  execute: (context, [id = '']) =>
    withSchedule(context, id, async (_, description) => {
      const schedule = describeSchedule(description);
      if (context.isJson) context.terminal.result(JSON.stringify(schedule));
      else for (const line of renderSchedule(schedule)) context.terminal.tell(line);
      return 0;
    }),
};

/** `syngraph schedule pause ID`: no run starts until `unpause`; one that is going goes on. */
export const pause = control('is paused; a run that is going goes on', (handle) => handle.pause(`paused by ${userInfo().username}`));

/** `syngraph schedule unpause ID` */
export const unpause = control('is no longer paused', (handle) => handle.unpause(`unpaused by ${userInfo().username}`));

/** `syngraph schedule trigger ID`: a run now, besides those that are due. */
export const trigger = control('starts a run now', (handle) => handle.trigger());

/** `syngraph schedule delete ID`: its runs and their outputs stay. */
export const remove = control('is deleted; its runs stay', (handle) => handle.delete());

function control(said: string, work: (handle: ScheduleHandle) => Promise<void>): CommandModule {
  return {
    execute: (context, [id = '']) =>
      withSchedule(context, id, async (handle) => {
        await work(handle);
        if (context.isJson) context.terminal.result(JSON.stringify({ id }));
        else context.terminal.tell(`Schedule ${id} ${said}.`);
        return 0;
      }),
  };
}
