/** A key combination. `key` is a KeyboardEvent key, or its code where the layout must not matter. */
export interface Chord {
  ctrl?: true;
  shift?: true;
  alt?: true;
  key: string;
}

/** As printed on the keyboard. */
export function chordWords({ ctrl, shift, alt, key }: Chord): string {
  return [ctrl && "Ctrl", shift && "Shift", alt && "Alt", key.replace("Digit", "").toUpperCase()]
    .filter(Boolean)
    .join("+")
    .replace("ENTER", "Enter");
}

export function pressed(event: KeyboardEvent, chord: Chord): boolean {
  const key = chord.key.startsWith("Digit") ? event.code : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return (
    key === chord.key &&
    (event.ctrlKey || event.metaKey) === (chord.ctrl ?? false) &&
    event.altKey === (chord.alt ?? false) &&
    // A character such as ? already says whether Shift was held.
    (event.shiftKey === (chord.shift ?? false) || (!chord.ctrl && /^\W$/.test(chord.key)))
  );
}
