import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import type { PromptPartPlan, Template } from '../../pipeline/plan.ts';
import { renderTemplate } from '../../pipeline/template.ts';
import { loadMedia, type MediaPlace } from './load-media.ts';
import { mediaError } from './media-error.ts';
import { mediaUrl } from './media-reference.ts';

export interface RenderParts {
  parts: readonly PromptPartPlan[];
  state: JsonObject;
  recordId: string;
  place: MediaPlace;
}

/**
 * The parts of a message in OpenAI's shape. Images and sounds stand in it as urls of the store,
 * which `materialiseMedia` replaces by their content just before the request is sent.
 * @throws SyngraphError MEDIA_INVALID, PROMPT_INVALID
 */
export async function renderParts({ parts, state, recordId, place }: RenderParts): Promise<JsonValue[]> {
  const rendered: JsonValue[] = [];
  for (const part of parts) {
    if (part.type === 'text') {
      rendered.push({ type: 'text', text: renderTemplate(part.template, state, recordId) });
      continue;
    }
    const wanted = part.type === 'image_url' ? 'image/' : 'audio/';
    for (const reference of await loadMedia(valueOf(part.template, state, recordId), place)) {
      if (!reference.type.startsWith(wanted)) throw mediaError(reference.path ?? reference.$media, `is ${reference.type}, and ${part.type} takes ${wanted}*`);
      rendered.push({ type: part.type, [part.type]: { url: mediaUrl(reference) } });
    }
  }
  return rendered;
}

/** A placeholder alone stands for its value, whatever that is; anything else for the text that it makes. */
function valueOf(template: Template, state: JsonObject, recordId: string): JsonValue {
  const [only, ...more] = template;
  if (only !== undefined && typeof only !== 'string' && more.length === 0) {
    const value = state[only.variable];
    if (value !== undefined) return value;
  }
  return renderTemplate(template, state, recordId);
}
