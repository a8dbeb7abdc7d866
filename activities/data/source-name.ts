import type { SourcePlan } from '../../pipeline/plan.ts';

/** What messages call a source. */
export function sourceName(source: SourcePlan): string {
  switch (source.type) {
    case 'disk':
      return source.path;
    case 'hf':
      return source.repoId;
    case 'servicenow':
      return `the ServiceNow table ${source.table}`;
    case 'joined':
      return source.parts.map((part) => sourceName(part.source)).join(' + ');
  }
}
