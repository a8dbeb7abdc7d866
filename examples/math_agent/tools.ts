import { z } from 'zod';

const two = z.object({ a: z.number().describe('the first number'), b: z.number().describe('the second number') });

type Two = z.output<typeof two>;

/** Every static member that has a description, parameters and execute is offered to the model under its name. */
export class Calculator {
  static add = { description: 'Adds two numbers.', parameters: two, execute: ({ a, b }: Two): number => a + b };
  static subtract = { description: 'Subtracts b from a.', parameters: two, execute: ({ a, b }: Two): number => a - b };
  static multiply = { description: 'Multiplies two numbers.', parameters: two, execute: ({ a, b }: Two): number => a * b };

  static divide = {
    description: 'Divides a by b.',
    parameters: two,
    execute({ a, b }: Two): number {
      // What a tool throws is told to the model, which may try something else.
      if (b === 0) throw new RangeError('b is 0, and nothing can be divided by it');
      return a / b;
    },
  };
}

const METRES = { millimetre: 0.001, centimetre: 0.01, metre: 1, kilometre: 1000, inch: 0.0254, foot: 0.3048, mile: 1609.344 };
const unit = z.enum(Object.keys(METRES) as (keyof typeof METRES)[]);
const length = z.object({ value: z.number(), from: unit, to: unit });

/** A function with a description and parameters is a tool as well. */
export function convert_length({ value, from, to }: z.output<typeof length>): object {
  return { value: (value * METRES[from]) / METRES[to], unit: to };
}
convert_length.description = 'Converts a length from one unit to another.';
convert_length.parameters = length;
