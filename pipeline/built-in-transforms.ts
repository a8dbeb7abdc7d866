export type BuiltInTransform =
  'rename_fields' | 'add_new_field' | 'add_retry_fields' | 'skip_records' | 'combine_records' | 'gather_conversations' | 'filter';

export const BUILT_IN_TRANSFORMS: readonly BuiltInTransform[] = [
  'rename_fields',
  'add_new_field',
  'add_retry_fields',
  'skip_records',
  'combine_records',
  'gather_conversations',
  'filter',
];

/** Transforms of SyGra that have nothing to do here: media are looked up where a prompt needs them. */
const NEEDLESS_TRANSFORMS = ['create_image_url', 'create_audio_url'];

export type TransformName =
  | { kind: 'built-in'; name: BuiltInTransform }
  | { kind: 'needless'; name: string }
  /** A function of the task. */
  | { kind: 'user' }
  | { kind: 'unknown' };

/** `rename_fields`, `RenameFields`, `RenameFieldsTransform` and `sygra.….RenameFieldsTransform` are the same. */
export function readTransformName(text: string): TransformName {
  if (!text.startsWith('sygra.processors.') && /[./#]/.test(text)) return { kind: 'user' };
  const name = text
    .replace(/^.*\./, '')
    .replace(/Transform$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase();
  const builtIn = BUILT_IN_TRANSFORMS.find((candidate) => candidate === name);
  if (builtIn !== undefined) return { kind: 'built-in', name: builtIn };
  if (NEEDLESS_TRANSFORMS.includes(name)) return { kind: 'needless', name };
  return { kind: 'unknown' };
}
