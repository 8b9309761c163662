// One shape for each state and thing; never told apart by colour alone.
const SHAPES = {
  pencil: "M11.5 2.5l2 2L5 13l-2.7.7L3 11z",
  clock: "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M8 4.6V8l2.4 1.6",
  question: "M2.5 2.5h11v11h-11zM6.2 6.3C6.2 5.2 7 4.6 8 4.6s1.8.6 1.8 1.6C9.8 7.3 8 7.4 8 9M8 11.2v.2",
  tick: "M2.5 8.5l3.5 3.5 7.5-8",
  triangle: "M8 2l6.5 11.5h-13zM8 6.5v3.2M8 11.6v.2",
  shield: "M8 1.5l5.5 2v4c0 3.5-2.3 5.8-5.5 7-3.2-1.2-5.5-3.5-5.5-7v-4z",
  phone: "M4 2h2l1.2 3-1.7 1.2a8 8 0 0 0 4.3 4.3L11 8.8 14 10v2c0 1.2-1 2-2.2 1.9C6.6 13.4 2.6 9.4 2.1 4.2 2 3 2.8 2 4 2z",
  cloud: "M4.5 12.5a3 3 0 0 1-.3-6 4 4 0 0 1 7.7.9 2.6 2.6 0 0 1-.4 5.1z",
  cloud_off: "M4.5 12.5a3 3 0 0 1-.3-6 4 4 0 0 1 7.7.9 2.6 2.6 0 0 1-.4 5.1zM2 2l12 12",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.3 10.3L14 14",
  plus: "M8 3v10M3 8h10",
  lock: "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
  gear: "M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M10.5 3v3M5.5 10v3",
  speech: "M2 3h12v8H7.5L4.5 13.5V11H2z",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4",
  file: "M4 1.5h5l3 3v10H4zM9 1.5v3h3",
  stop: "M5.5 1.8h5l3.7 3.7v5l-3.7 3.7h-5L1.8 10.5v-5zM5 8h6",
  bin: "M3 4h10M6 4V2.5h4V4M4.2 4l.6 9.5h6.4l.6-9.5",
  hourglass: "M4 2h8M4 14h8M4.8 2c0 4 3.2 4 3.2 6s-3.2 2-3.2 6M11.2 2c0 4-3.2 4-3.2 6s3.2 2 3.2 6",
  back: "M6 3L2.5 6.5 6 10M2.5 6.5h7a4 4 0 0 1 0 7H6",
  chevron: "M4 6l4 4 4-4",
} as const;

export type IconName = keyof typeof SHAPES;

/** Decoration beside words, so hidden from assistive technology. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}
