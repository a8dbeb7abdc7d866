import type { Faker } from '@faker-js/faker';
import type { JsonValue } from '../../../pipeline/json.ts';
import { PERSON_LOCALES, type PersonField } from '../../../pipeline/person-fields.ts';
import type { DrawPlan } from '../../../pipeline/plan.ts';
import type { SeededStream } from './seeded-stream.ts';

type PersonPlan = Extract<DrawPlan, { kind: 'person' }>;
export type Person = Record<PersonField, JsonValue>;

/** Loaded when the first person is drawn: most runs need none. */
export async function loadFaker(locale: string): Promise<Faker> {
  const { faker } = (await import(`@faker-js/faker/locale/${locale}`)) as { faker: Faker };
  return faker;
}

/**
 * Somebody who does not exist. Addresses of mail end in example.com, .net or .org. All fields are
 * drawn whichever are wanted, so that choosing others changes none of them.
 */
export function drawPerson(plan: PersonPlan, faker: Faker, stream: SeededStream): Person {
  // Synchronous from here on: other records share this instance.
  faker.seed([stream.nextInteger(), stream.nextInteger(), stream.nextInteger(), stream.nextInteger()]);
  const sex = plan.sex ?? faker.person.sexType();
  const firstName = faker.person.firstName(sex);
  const lastName = faker.person.lastName(sex);
  const [youngest, oldest] = plan.ages;
  const age = youngest + Math.floor(stream.next() * (oldest - youngest + 1));
  return {
    first_name: firstName,
    last_name: lastName,
    sex,
    age,
    birth_date: birthDate(plan.referenceDate, { age, days: Math.floor(stream.next() * 365) }),
    street_address: faker.location.streetAddress(),
    city: faker.location.city(),
    country: PERSON_LOCALES[plan.locale] ?? faker.location.country(),
    email: faker.internet.exampleEmail({ firstName, lastName }).toLowerCase(),
    phone: faker.phone.number(),
    job: faker.person.jobTitle(),
  };
}

/** So many days before the day on which somebody of that age was born who has their birthday at the reference date. */
function birthDate(reference: number, { age, days }: { age: number; days: number }): string {
  const date = new Date(reference);
  return new Date(Date.UTC(date.getUTCFullYear() - age, date.getUTCMonth(), date.getUTCDate() - days)).toISOString().slice(0, 10);
}
