/** The product's mark: two people walking the same way. Decoration beside the name. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M4 19c4.5 0 4.5-10 9-10h5" />
      <path d="M15 5.5L18.5 9 15 12.5" />
      <circle cx="5" cy="8" r="2.3" />
    </svg>
  );
}
