import { isIP } from 'node:net';

/** ISO/IEC 7812: 13 to 19 digits, the first of a bank or travel card, and Luhn's check digit. */
export function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (digits.length < 13 || digits.length > 19 || !/^[2-6]/.test(digits) || /^(\d)\1+$/.test(digits)) return false;
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** ISO 13616: 15 to 34 characters whose number, the first four at the end, leaves 1 modulo 97. */
export function isIban(text: string): boolean {
  const compact = text.replace(/ /g, '');
  if (compact.length < 15 || compact.length > 34) return false;
  let remainder = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}

/** Addresses that nobody but a network's own machines has say nothing about a person. */
const PRIVATE = /^(?:0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|255\.|22[4-9]\.|23\d\.|::1$|f[cd]|fe[89ab])/i;

export function isPublicIp(text: string): boolean {
  return isIP(text) !== 0 && !PRIVATE.test(text);
}

/**
 * A number that is written as phone numbers are: with a country code, an area code in brackets, or
 * in groups of North America's pattern. Bare digits may be anything.
 */
export function isPhoneNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '').length;
  if (digits < 7 || digits > 15) return false;
  if (text.startsWith('+')) return digits >= 8;
  if (/^\(\d{2,5}\)/.test(text)) return true;
  return /^(?:1[ .-])?[2-9]\d{2}([ .-])[2-9]\d{2}\1\d{4}$/.test(text) || /^0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}$/.test(text);
}
