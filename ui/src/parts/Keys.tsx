/** A key combination as printed on the keyboard, such as "Ctrl+K". */
export function Keys({ keys }: { keys: string }) {
  return (
    <kbd className="keys" aria-hidden="true">
      {keys}
    </kbd>
  );
}
