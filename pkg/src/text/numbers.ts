/** The language of all texts, numbers and dates. */
export const LANG = 'en';

/** A space at which no line breaks, before a unit. */
const SPACE = '\u00a0';

const upToTwoDecimals = new Intl.NumberFormat(LANG, { maximumFractionDigits: 2 });
const minute = new Intl.NumberFormat(LANG, { style: 'unit', unit: 'minute', maximumFractionDigits: 0 });
const minuteTenths = new Intl.NumberFormat(LANG, { style: 'unit', unit: 'minute', minimumFractionDigits: 1, maximumFractionDigits: 1 });
const plurals = new Intl.PluralRules(LANG);
const enumeration = new Intl.ListFormat(LANG, { type: 'unit', style: 'short' });
const disjunction = new Intl.ListFormat(LANG, { type: 'disjunction' });
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** Number formats with a fixed number of decimals, by that number. They are kept because creating one is slow. */
const fixed = Array.from({ length: 5 }, (_, digits) => format(digits, 'negative'));
const fixedWithSign = Array.from({ length: 5 }, (_, digits) => format(digits, 'exceptZero'));

function format(digits: number, signDisplay: 'negative' | 'exceptZero'): Intl.NumberFormat {
  return new Intl.NumberFormat(LANG, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay });
}

/** A number with a fixed number of decimals, at most 4, and a true minus sign. */
export function decimal(value: number, digits: number): string {
  return (fixed[digits]?.format(value) ?? String(value)).replace('-', '−');
}

/** A difference with a fixed number of decimals, at most 4, and with its sign unless it is zero. */
export function signed(value: number, digits: number): string {
  return (fixedWithSign[digits]?.format(value) ?? String(value)).replace('-', '−');
}

/** A whole number. */
export function count(n: number): string {
  return decimal(n, 0);
}

/** A fraction in per cent. */
export function percent(fraction: number, digits = 0): string {
  return `${decimal(fraction * 100, digits)}${SPACE}%`;
}

/** A probability in whole per cent. A small one is not rounded to zero. */
export function wholePercent(value: number): string {
  return value > 0 && value < 0.005 ? `<1${SPACE}%` : percent(value);
}

/** Chooses the form of a text that fits the number. */
export function plural(n: number, one: string, other: string): string {
  return plurals.select(n) === 'one' ? one : other;
}

/** A list of equal items, such as “Folk, Rock”. */
export function list(items: string[]): string {
  return enumeration.format(items);
}

/** A list of alternatives, such as “Folk or Rock”. */
export function alternatives(items: string[]): string {
  return disjunction.format(items);
}

/** A frequency or sample rate, in kHz from 1 kHz. */
export function frequency(hertz: number): string {
  return hertz < 1000 ? `${count(hertz)}${SPACE}Hz` : `${upToTwoDecimals.format(hertz / 1000)}${SPACE}kHz`;
}

/** A level, relative to the loudest one. */
export function decibels(level: number): string {
  return `${count(level)}${SPACE}dB`;
}

/** A size in megabytes of 10⁶ bytes. */
export function megabytes(bytes: number, digits = 1): string {
  return `${decimal(bytes / 1e6, digits)}${SPACE}MB`;
}

/** A number of seconds. */
export function seconds(n: number, digits = 1): string {
  return `${decimal(n, digits)}${SPACE}s`;
}

/** A short duration: in milliseconds below one second, else in seconds. */
export function duration(n: number): string {
  return n < 1 ? `${count(n * 1000)}${SPACE}ms` : seconds(n);
}

/** A number of minutes, with tenths below ten. */
export function minutes(n: number): string {
  return (n < 10 ? minuteTenths : minute).format(n);
}

/** A date and time, from milliseconds since 1970. */
export function dateTime(milliseconds: number): string {
  return moment.format(milliseconds);
}
