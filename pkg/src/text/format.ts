import { texts } from './texts.js';

/** Time as `m:ss`, or `h:mm:ss` from one hour on. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const ss = String(s).padStart(2, '0');
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${ss}` : `${m}:${ss}`;
}

/** A time to the tenth of a second, as `m:ss.t`. */
export function clockWithTenths(seconds: number): string {
  const tenths = Math.max(0, Math.round(seconds * 10));
  return `${clock(tenths / 10)}.${tenths % 10}`;
}

/** A short time in words: milliseconds below one second. */
export function duration(seconds: number): string {
  return seconds < 1 ? texts.milliseconds(Math.round(seconds * 1000)) : texts.seconds(seconds.toFixed(1));
}

/** The file's name in an address; empty where that has none for a person. */
export function nameInAddress(address: string): string {
  const [path = ''] = address.split(/[?#]/);
  const name = path.startsWith('blob:') ? '' : path.slice(path.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** A file's name without its ending. */
export function titleOf(name: string): string {
  return name.replace(/\.[a-z0-9]{1,5}$/i, '') || name;
}
