import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PII_KINDS } from '../../pipeline/quality-rules.ts';
import { findPii, maskPii } from '../../quality/find-pii.ts';

const found = (text: string): string[] => findPii(text, PII_KINDS).map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`);

describe('personal data', () => {
  it('is found by kind', () => {
    assert.deepEqual(found('Mail a.b+c@mail.example.co.uk, please.'), ['email a.b+c@mail.example.co.uk']);
    assert.deepEqual(found('Call +49 170 1234567 or (212) 555-0147 or 415-555-0132.'), ['phone +49 170 1234567', 'phone (212) 555-0147', 'phone 415-555-0132']);
    assert.deepEqual(found('From 8.8.4.4 and 2001:db8:0:0:1:0:0:1.'), ['ip 8.8.4.4', 'ip 2001:db8:0:0:1:0:0:1']);
    assert.deepEqual(found('Card 4111 1111 1111 1111 and 5500-0000-0000-0004'), ['card 4111 1111 1111 1111', 'card 5500-0000-0000-0004']);
    assert.deepEqual(found('IBAN DE89 3704 0044 0532 0130 00 or GB29NWBK60161331926819'), ['iban DE89 3704 0044 0532 0130 00', 'iban GB29NWBK60161331926819']);
    assert.deepEqual(found(`AKIA${'A1B2'.repeat(4)} and ghp_${'a1'.repeat(18)}`), [`key AKIA${'A1B2'.repeat(4)}`, `key ghp_${'a1'.repeat(18)}`]);
  });

  it('is not what only looks like it', () => {
    const harmless = ['4111 1111 1111 1112', 'DE89 3704 0044 0532 0130 01', '999.1.1.1', '192.168.0.1', '12:34:56', '1,250,000', '2024-03-12', '3.141592653589793', '4837-2291-0047', '@museum', '1998 and 2010', '0000 0000 0000 0000'];
    assert.deepEqual(harmless.flatMap(found), []);
  });

  it('is masked by kind, only where it is asked for', () => {
    const text = 'Write to x@y.org or call +1 (650) 555-0100.';
    assert.equal(maskPii(text, PII_KINDS), 'Write to <EMAIL> or call <PHONE>.');
    assert.equal(maskPii(text, ['phone']), 'Write to x@y.org or call <PHONE>.');
  });
});
