/** A time as `m:ss`, or as `h:mm:ss` from one hour. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const ss = String(s).padStart(2, '0');
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${ss}` : `${m}:${ss}`;
}

/** A time with tenths of a second, as `m:ss.t`. */
export function clockWithTenths(seconds: number): string {
  const tenths = Math.max(0, Math.round(seconds * 10));
  return `${clock(tenths / 10)}.${tenths % 10}`;
}

/** The file name in a URL; empty for `blob:` URLs. */
export function nameInUrl(url: string): string {
  const [path = ''] = url.split(/[?#]/);
  const name = path.startsWith('blob:') ? '' : path.slice(path.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** A file name without its extension. */
export function titleOf(name: string): string {
  return name.replace(/\.[a-z0-9]{1,5}$/i, '') || name;
}
