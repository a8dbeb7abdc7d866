/** The field that `provenance: true` adds to rows. */
export const PROVENANCE_KEY = 'provenance';
