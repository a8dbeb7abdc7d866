import { z } from 'zod';
import { strictObject } from '../strict-object.ts';

export const ROLES = ['system', 'user', 'assistant', 'tool'] as const;

/** A path, url, data url, or a placeholder for one, for a list of them, or for an image or audio column. */
const media = z
  .union([z.string().min(1), z.looseObject({ url: z.string().min(1) }).transform(({ url }) => url)], {
    error: 'expected a path, a url or a placeholder such as "{image}"',
  })
  .optional();

const promptPart = strictObject({
  name: 'a part of a prompt',
  shape: { type: z.enum(['text', 'image_url', 'audio_url']), text: z.string().optional(), image_url: media, audio_url: media },
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
