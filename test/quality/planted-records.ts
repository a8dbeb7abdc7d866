import type { JsonObject } from '../../pipeline/json.ts';
import type { QualityRuleName } from '../../pipeline/quality-rules.ts';
import { DECLARATIONS, paragraphsOf } from './declarations.ts';
import { seeded, type Seeded } from './seeded.ts';

/** What is wrong with a record, and the rule that is meant to see it; `clean` has nothing wrong. */
export const DEFECTS = {
  loop: 'repetition',
  gibberish: 'language_tagging',
  wrong_language: 'language_tagging',
  truncated: 'completeness',
  empty: 'completeness',
  too_many_turns: 'conversation_length',
  refusal: 'boilerplate',
  personal_data: 'pii',
  few_words: 'lexical_diversity',
  toxic: 'toxicity',
  contaminated: 'contamination',
} as const satisfies Record<string, QualityRuleName>;

export type Defect = keyof typeof DEFECTS;

export interface PlantedRecord {
  defect: Defect | 'clean';
  row: JsonObject;
}

interface Turn {
  [key: string]: string;
  role: string;
  content: string;
}

const ADJECTIVES = 'patient old curious wooden quiet narrow famous broken gentle northern careful empty ancient crowded modest bright distant friendly heavy secret local wandering yellow generous stubborn young frozen useful forgotten silver cheerful rusty hidden clever western humble noisy elegant simple foreign'.split(' ');
const NOUNS = 'harbour gardener library museum orchestra river committee baker pilot teacher engineer train council child guide ferry poet clinic station letter clock bridge melody survey garden stamp lamp chapel novel recipe shed dinner market schedule village boat field tower map school argument roof chapter candle forest factory road hill window neighbour festival bicycle mirror kitchen lesson journey island painter sailor meadow'.split(' ');
/** `{a}` and `{n}` stand for adjectives and nouns; no conversation has a frame twice. */
const FRAMES = `When I was there last year, I noticed that the {n} was more {a} than the {n} we had seen before.
It is not easy to say why people like the {n}, but most of them would agree that it feels {a}.
She told me that there had been a {n} in that place, and that nobody knew who had built it.
If you have enough time, you should go and see the {a} {n} that my brother wrote about.
They could not find the {n} at first, so they asked an old man who was waiting by the {n}.
There are many reasons for this, and one of them is that the {n} had become too {a} to use.
As far as we know, it was the first time that anyone had brought a {n} into the {n}.
He has been working on his {n} for more than ten years, and he is still not happy with it.
What surprised us most was how little the {a} {n} had changed since the war.
You can see from the picture that it must have been a very {a} {n} in its day.
Although it was raining, we decided to walk to the {n} and have a look at the {n} ourselves.
I think that this is what makes the story of the {a} {n} so interesting to read.
Some of the children were afraid of it, while others only wanted to know how the {n} worked.
In the end, the {n} was sold for less money than they had hoped to get.
Nothing else in the house was as {a} as the {n} that stood next to the door.
We had to wait for almost two hours until they opened the {n} and let us in.
Her father used to say that a good {n} is worth more than any {a} {n} could ever be.
Before you start, make sure that you have everything you need and that the {n} is {a}.
This is also why so many of our friends have moved away from the {n} over the last few years.
Most visitors come here in spring, because the {n} looks its best at that time of the year.
It took them only a week to clean the {n}, which had not been used for a long time.
From my own experience I can tell you that the {a} {n} does not always do what it should.
At the same time, we should not forget how much work went into the {n} on the other side.
Both of them were right in a way, since the {n} really was too {a} for such a small town.
On the following morning everyone had heard about it, even those who lived far from the {n}.
Perhaps that was only a mistake, but the {n} never looked quite the same to me again.
To be honest, I would rather have a {a} {n} than one that breaks after a month.
With a little luck, they will be able to save the {n} and bring back its {a} colours.
Once a year the whole family meets at the {n}, where they talk and eat until it gets dark.
Who would have thought that such a {a} {n} could make so many people smile?
Her sister, who had always been against the plan, said that the {n} should stay where it was.
Up to now there has been no answer to the question of what happened to the {n}.
By the time we arrived, somebody had already taken the {n} away and left us a note.
Instead of buying a new one, you might want to repair the {a} {n} that you already have.
Under these conditions it is better not to touch the {n} and to call for help.
Later that evening I saw him again, and he was carrying a {n} that looked rather {a}.`.split('\n');
const QUESTIONS = 'What do you think happened next in this story?;Could you explain why this matters to the people of the town?;Please describe the scene in more detail.;How would you summarise what we know so far?;Can you tell me more about the people who live there?;Why did everybody agree with that decision?'.split(';');

/** Mostly clean conversations of about 250 tokens, and of each defect a few per cent. */
export async function plantRecords(count: number, seed = 2026): Promise<PlantedRecord[]> {
  const random = seeded(seed);
  const languages = Object.keys(DECLARATIONS).filter((language) => language !== 'en');
  const foreign = (await Promise.all(languages.map((language) => paragraphsOf(language)))).map((texts) => texts.filter((text) => text.length > 80));
  const defects = Object.keys(DEFECTS) as Defect[];
  return Array.from({ length: count }, (_, index) => {
    const defect = random.next() < 0.45 ? random.pick(defects) : 'clean';
    return { defect, row: { id: index, ...plant(defect, random, foreign) } };
  });
}

function plant(defect: Defect | 'clean', random: Seeded, foreign: string[][]): JsonObject {
  const messages = conversation(random, random.pick([2, 2, 4]));
  const last = messages.at(-1)!;
  switch (defect) {
    case 'clean':
      if (random.next() < 0.4) last.content += `\n\n${random.pick(HARMLESS)}`;
      return { messages };
    case 'loop':
      last.content = `${sentence(random)} ${loop(random)}`;
      return { messages };
    case 'gibberish':
      for (const message of messages) message.content = gibberish(random, 30 + random.below(60));
      return { messages };
    case 'wrong_language': {
      const paragraphs = random.pick(foreign);
      for (const message of messages) message.content = random.shuffled(paragraphs).slice(0, 3).join('\n');
      return { messages };
    }
    case 'truncated':
      last.content = last.content.slice(0, Math.floor(last.content.length * (0.3 + random.next() * 0.5)));
      return random.next() < 0.5 ? { messages, finish_reason: 'length' } : { messages: [...messages.slice(0, -1), { ...last, finish_reason: 'length' }] };
    case 'empty':
      random.pick(messages).content = random.pick(['', ' ', '\n\n']);
      return { messages };
    case 'too_many_turns':
      return { messages: conversation(random, 30) };
    case 'refusal':
      last.content = random.pick(REFUSALS);
      return { messages };
    case 'personal_data':
      last.content = `${sentence(random)} ${personalData(random)} ${sentence(random)}`;
      return { messages };
    case 'toxic':
      random.pick(messages).content = `${random.pick(ABUSE)} ${random.pick(ABUSE)}`;
      return { messages };
    case 'contaminated':
      random.pick(messages).content += ` ${random.pick(EXAM)}`;
      return { messages };
    case 'few_words': {
      const words = random.shuffled(`${sentence(random)} ${sentence(random)}`.toLowerCase().replace('.', '').split(' ')).slice(0, 12);
      for (const message of messages) message.content = Array.from({ length: 60 }, () => random.pick(words)).join(' ');
      return { messages };
    }
  }
}

/** Each record again under another id, with a few of its words changed: near to it, and not the same. */
export function plantNearDuplicates(records: readonly PlantedRecord[], { firstId, seed = 7 }: { firstId: number; seed?: number }): PlantedRecord[] {
  const random = seeded(seed);
  return records.map(({ defect, row }, index) => {
    const messages = (row.messages as Turn[]).map((turn) => ({ ...turn }));
    const last = messages.at(-1)!;
    const words = last.content.split(' ');
    for (let change = 0; change < 2; change += 1) words[random.below(words.length)] = random.pick(ADJECTIVES);
    last.content = `${words.join(' ')} That is all.`;
    return { defect, row: { ...row, id: firstId + index, messages } };
  });
}

function conversation(random: Seeded, turns: number): Turn[] {
  const frames = random.shuffled(FRAMES);
  // Long ones have more sentences than there are frames.
  const next = (): string => filled(random, frames.pop() ?? random.pick(FRAMES));
  return Array.from({ length: turns }, (_, index) => {
    const isAnswer = index % 2 === 1;
    const sentences = Array.from({ length: isAnswer ? Math.ceil(18 / turns) : 2 }, next);
    return { role: isAnswer ? 'assistant' : 'user', content: [...sentences, ...(isAnswer ? [] : [random.pick(QUESTIONS)])].join(random.next() < 0.1 ? '\n' : ' ') };
  });
}

function sentence(random: Seeded): string {
  return filled(random, random.pick(FRAMES));
}

function filled(random: Seeded, frame: string): string {
  return frame.replace(/\{([an])\}/g, (_, kind: string) => random.pick(kind === 'a' ? ADJECTIVES : NOUNS));
}

/** A phrase, a sentence or a line again and again, as models write that have lost their way. */
function loop(random: Seeded): string {
  const times = 8 + random.below(20);
  const whole = sentence(random);
  const phrase = whole.split(' ').slice(0, 4 + random.below(8)).join(' ');
  const [unit, separator] = random.pick([[whole, ' '], [phrase, ' '], [whole, '\n'], [`- ${phrase}`, '\n']] as const);
  return Array.from({ length: times }, () => unit).join(separator);
}

function gibberish(random: Seeded, words: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const word = (): string => Array.from({ length: 2 + random.below(10) }, () => random.pick([...letters])).join('');
  return Array.from({ length: words }, word).join(' ');
}

/** What rules that look for patterns must let pass. */
const HARMLESS = [
  "I'm sorry to hear that you have had such a hard week, and I hope that it gets better soon.",
  'The order number is 4837-2291-0047 and it was placed on 2024-03-12 at 10:45.',
  'Version 10.4.2.1 was released in 2019, and 3.141592653589793 is close enough to the real value.',
  'The office has 1,250,000 visitors a year, which is 3,425 a day, from 9:00 to 17:30.',
  'Here is how you do it:\n\n```python\ndef area(width, height):\n    return width * height\n\nprint(area(3, 4))\n```\n\nThis prints the number that you need.',
  'These are the steps:\n\n1. Open the door.\n2. Look for the light.\n3. Read the note.\n4. Close the door again.',
  'As an engineer I cannot say that I like it, but as a friend I can understand why you want to do it.',
  'The local address is 192.168.0.12 and the clock says 12:34:56.',
  'We know that $a^2 + b^2 = c^2$, so with a = 3 and b = 4 the answer must be c = 5.',
  'There were 555 of them in 1998 and 2047 in 2010, as the report (Smith and Jones, 2011) says on page 212.',
  '| year | visitors |\n| --- | --- |\n| 2020 | 120 |\n| 2021 | 340 |\n| 2022 | 560 |',
  'Follow @town_museum, or read more about it at https://example.org/museum/2024/05/opening-hours today.',
];

/** A benchmark that the records must not have words of. */
export const EXAM = [
  'A baker sells three dozen rolls on Monday and twice as many on each of the following days; how many rolls does he sell from Monday to Thursday?',
  'Which of these four planets has the longest day, and by how many hours is it longer than a day on the one that comes next?',
  'If every bloop is a razzle and some razzles are lazzles, which of the statements below has to be true of all bloops?',
  'A tank holds ninety litres and loses four litres an hour while a pump adds seven; after how many hours does it run over?',
  'Name the treaty that ended the war between both kingdoms, the year in which it was signed, and the river that became the border.',
];

/** Mild as abuse goes, and clear enough. */
const ABUSE = [
  'You are such a stupid idiot, shut up and get lost, you damn moron.',
  'What a dumb loser you are, nobody wants to hear your stupid crap.',
  'Shut the hell up, you pathetic fool, you are full of crap.',
  'You suck, you ugly stupid jerk, go to hell and stay there.',
];

const REFUSALS = [
  "I'm sorry, but I can't assist with that request.",
  'As an AI language model, I do not have personal opinions about the harbour or its people.',
  'I cannot help with that, because it could be harmful to others.',
  "I'm unable to provide details about this person. Please ask somebody who knows them.",
  'Unfortunately, I cannot fulfill this request as it goes against my guidelines.',
  'As a large language model, I was trained on texts and cannot visit the museum.',
  "I apologize, but I can't create content of that kind.",
  'My knowledge cutoff keeps me from knowing what has happened since then in the village.',
  "Sorry, I won't be able to help you with this one.",
  'I must decline to answer this question about the neighbour.',
];

function personalData(random: Seeded): string {
  const digits = (count: number): string => Array.from({ length: count }, () => random.below(10)).join('');
  return random.pick([
    () => `Write to ${random.pick(['anna.lee', 'j_smith', 'bob+news'])}${digits(2)}@${random.pick(['mail.example.com', 'company.co.uk', 'uni-town.edu'])}.`,
    () => `Call ${random.pick([`+49 170 ${digits(7)}`, `(212) ${2 + random.below(8)}${digits(2)}-${digits(4)}`, `415-${2 + random.below(8)}${digits(2)}-${digits(4)}`, `+1 (650) 555-${digits(4)}`])} in the morning.`,
    () => `The server answers at ${random.pick([8, 52, 91, 203])}.${random.below(256)}.${random.below(256)}.${1 + random.below(254)} now.`,
    () => `The card is ${withLuhn(`4${digits(14)}`, random.pick([' ', '-', '']))}.`,
    () => `Send it to ${random.pick(['DE89 3704 0044 0532 0130 00', 'GB29NWBK60161331926819', 'FR14 2004 1010 0505 0001 3M02 606'])}.`,
    () => `The key is ${random.pick([`sk-${digits(12)}abcdEFGH${digits(20)}`, `AKIA${digits(8)}ABCDEFGH`, `ghp_${digits(20)}abcdefghijklmnop`])}.`,
  ])();
}

/** Digits with their check digit, in groups of four. */
function withLuhn(digits: string, separator: string): string {
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`.replace(/(.{4})(?=.)/g, `$1${separator}`);
}
