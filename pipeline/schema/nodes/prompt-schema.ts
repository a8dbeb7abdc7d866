import { z } from 'zod';
import { strictObject } from '../strict-object.ts';

export const ROLES = ['system', 'user', 'assistant', 'tool'] as const;

const promptPart = strictObject({
  name: 'a part of a prompt',
  shape: { type: z.enum(['text', 'image_url', 'audio_url']), text: z.string().optional() },
  unsupported: { image_url: { level: 'error' }, audio_url: { level: 'error' } },
});

const promptContent = z
  .union([z.string(), z.array(promptPart)], { error: 'expected a text or a list of parts' })
  .optional();

export const promptMessage = strictObject({
  name: 'a message of a prompt',
  shape: Object.fromEntries(ROLES.map((role) => [role, promptContent])) as Record<
    (typeof ROLES)[number],
    typeof promptContent
  >,
});

export type PromptConfig = z.output<typeof promptMessage>[];
