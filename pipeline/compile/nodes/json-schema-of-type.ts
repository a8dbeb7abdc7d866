import type { JsonObject } from '../../json.ts';
import type { SchemaType } from '../../plan.ts';

const SIMPLE = { str: 'string', int: 'integer', float: 'number', bool: 'boolean', none: 'null' } as const;

/** A Python-style type as JSON schema. Keys of mappings are texts in JSON, whatever their type says. */
export function jsonSchemaOfType(type: SchemaType): JsonObject {
  switch (type.kind) {
    case 'any':
      return {};
    case 'list':
      return { type: 'array', ...items(type.item) };
    case 'set':
      return { type: 'array', ...items(type.item), uniqueItems: true };
    case 'tuple':
      return { type: 'array', prefixItems: type.items.map(jsonSchemaOfType), minItems: type.items.length, maxItems: type.items.length };
    case 'dict':
      return type.value.kind === 'any' ? { type: 'object' } : { type: 'object', additionalProperties: jsonSchemaOfType(type.value) };
    case 'union':
      return { anyOf: type.options.map(jsonSchemaOfType) };
    default:
      return { type: SIMPLE[type.kind] };
  }
}

function items(item: SchemaType): JsonObject {
  return item.kind === 'any' ? {} : { items: jsonSchemaOfType(item) };
}
