import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { normaliseArguments } from '../../../cli/options/normalise-arguments.ts';

const words = (line: string): string[] => normaliseArguments(line.split(' ')).words;

describe('normaliseArguments', () => {
  it('leaves our own spellings as they are', () => {
    const line = 'run examples/rephrase --num-records 5 --output-dir out --seed 3 --fresh -n 2';
    assert.deepEqual(words(line), line.split(' '));
  });

  it('takes underscores for dashes in the names of flags, not in values', () => {
    assert.deepEqual(words('run my_task --num_records 5 --output_dir=my_folder'), ['run', 'my_task', '--num-records', '5', '--output-dir=my_folder']);
  });

  it("takes SyGra's short flags of several letters", () => {
    assert.deepEqual(words('run -t a.b -si 3 -od out -rn x'), ['run', '-t', 'a.b', '--start-index', '3', '--output-dir', 'out', '--run-id', 'x']);
  });

  it('takes a command line without a command for run', () => {
    assert.deepEqual(words('--task examples.foo --num_records 4'), ['run', '--task', 'examples.foo', '--num-records', '4']);
    assert.deepEqual(words('-n 4 -t examples.foo'), ['run', '-n', '4', '-t', 'examples.foo']);
    assert.deepEqual(words('--version'), ['--version']);
  });

  it('lets True switch on and False switch off, however they are written', () => {
    assert.deepEqual(words('run x --fresh True'), ['run', 'x', '--fresh']);
    assert.deepEqual(words('run x --fresh=false --detach FALSE'), ['run', 'x']);
  });

  it('keeps --resume True from taking the task for its value', () => {
    assert.deepEqual(words('run --resume True examples/x'), ['run', 'examples/x', '--resume']);
    assert.deepEqual(words('run -r False examples/x'), ['run', 'examples/x']);
    assert.deepEqual(words('run examples/x --resume 20261121'), ['run', 'examples/x', '--resume', '20261121']);
  });

  it('says that flags have no effect, and takes their values away with them', () => {
    const { words: left, notes } = normaliseArguments('run x -ci 50 --debug True -cl False -n 3'.split(' '));
    assert.deepEqual(left, ['run', 'x', '-n', '3']);
    assert.equal(notes.length, 2);
    assert.match(notes[0]!, /--checkpoint-interval has no effect/);
  });

  it('reads whether there are OASST rows or quality tags, which a bare flag asks for', () => {
    for (const text of ['--oasst True', '-ost true', '--oasst=TRUE', '--oasst']) assert.deepEqual(words(`run x ${text}`), ['run', 'x', '--oasst=true'], text);
    assert.deepEqual(words('run --oasst x'), ['run', '--oasst=true', 'x']);
    assert.deepEqual(words('run x --oasst False'), ['run', 'x', '--oasst=false']);
    assert.deepEqual(words('run x -q True'), ['run', 'x', '--quality=true']);
    assert.deepEqual(words('run x -dm True'), ['run', 'x', '--disable-metadata=true']);
  });

  it('refuses flags that would change the dataset, but not when they are switched off', () => {
    assert.throws(() => words('run x -ra {}'), { code: 'USAGE' });
    assert.deepEqual(words('run x --run-args False'), ['run', 'x']);
  });

  it('touches nothing after --', () => {
    assert.deepEqual(words('run -- --num_records'), ['run', '--', '--num_records']);
  });

  it('changes nothing when it is applied again', () => {
    const word = fc.oneof(
      fc.constantFrom('run', '--task', 'a_b', '--num_records', '-si', '--resume', 'True', 'False', '--fresh', '--oasst', '-od', '--', '3', '--output_dir=x_y', '-t'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word), (line) => {
        let first: string[];
        try {
          first = normaliseArguments(line).words;
        } catch {
          return;
        }
        // A value that happens to look like a switch's may follow one only after the first pass.
        if (line.some((item) => /^(true|false)$/i.test(item))) return;
        assert.deepEqual(normaliseArguments(first).words, first);
      }),
    );
  });

  it('never loses a word that is no flag of SyGra', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z0-9/._]{1,12}$/)), (line) => {
        assert.deepEqual(normaliseArguments(line).words, line);
      }),
    );
  });
});
