/** One line of a benchmark's table. */
export interface Figure {
  what: string;
  measured: string;
  required: string;
  met: boolean;
}

export function figure(what: string, { measured, required, met }: Omit<Figure, 'what'>): Figure {
  return { what, measured, required, met };
}

export function printFigures(title: string, figures: Figure[]): void {
  console.log(`\n## ${title}\n`);
  console.log('| what | measured | required | met |\n| --- | --- | --- | --- |');
  for (const row of figures) console.log(`| ${row.what} | ${row.measured} | ${row.required} | ${row.met ? 'yes' : '**no**'} |`);
}
