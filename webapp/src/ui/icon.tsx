// Line icons on a 24 × 24 grid, drawn for this app. Decorative: the control that holds one carries the label.
const paths = {
  chat: 'M4 12a8 7.2 0 1 1 3.4 5.9L4 19l1-3.2A7 7 0 0 1 4 12z',
  book: 'M5 5.5A2.5 2.5 0 0 1 7.5 3H19v15H7.5A2.5 2.5 0 0 0 5 20.5zM5 20.5A2.5 2.5 0 0 0 7.5 21H19v-3M9 7.5h6M9 11h4',
  tasks: 'M4 6.5l1.5 1.5L8 5M4 12.5l1.5 1.5L8 11M4 18.5l1.5 1.5L8 17M11.5 6.5H20M11.5 12.5H20M11.5 18.5H20',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 6 0 0 1 15 0',
  back: 'M15 5l-7 7 7 7',
  forward: 'M9 5l7 7-7 7',
  down: 'M5 9l7 7 7-7',
  arrowDown: 'M12 5v14M6 13l6 6 6-6',
  plus: 'M12 5v14M5 12h14',
  compose:
    'M12 5H7a3 3 0 0 0-3 3v9a3 3 0 0 0 3 3h9a3 3 0 0 0 3-3v-5M17.5 3.8a1.9 1.9 0 0 1 2.7 2.7L12.5 14.2 9 15l.8-3.5z',
  menu: 'M4 7h16M4 12h16M4 17h10',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 8v4.2l2.8 1.8',
  alert: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 8v4.5M12 15.8v.2',
  retry: 'M19 12a7 7 0 1 1-2.3-5.2L19 9M19 4.5V9h-4.5',
  external: 'M13 5h6v6M19 5l-8.5 8.5M16 14v3a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2h3',
  share: 'M12 14V4M8 7.5L12 3.5l4 4M6 11H5v7a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-7h-1',
  lock: 'M7 11V8.5a5 5 0 0 1 10 0V11M6 11h12v8.5H6z',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v6M13.5 10.5v6',
  pencil: 'M14.5 6l3.5 3.5M4.5 19.5l1-4.3L16 4.7a2 2 0 0 1 2.8 0l.5.5a2 2 0 0 1 0 2.8L8.8 18.5z',
  filter: 'M4 7h10M18 7h2M14 7a2 2 0 1 0 4 0 2 2 0 0 0-4 0M4 17h3M11 17h9M7 17a2 2 0 1 0 4 0 2 2 0 0 0-4 0',
  play: 'M8 5.5v13l10.5-6.5z',
  copy: 'M9 9h10v11H9zM15 9V4H5v11h4',
  clip: 'M19 11l-7.5 7.5a4.5 4.5 0 0 1-6.4-6.4L12.7 4.5a3 3 0 0 1 4.3 4.3l-7.5 7.5a1.5 1.5 0 0 1-2.2-2.1L14 7.5',
  quote: 'M5 17c2-.8 3-2.4 3-5H5V7h5v5c0 3.5-1.8 5.7-5 6.5M14 17c2-.8 3-2.4 3-5h-3V7h5v5c0 3.5-1.8 5.7-5 6.5',
} as const;

const solid = {
  send: 'M12 3.8a1.3 1.3 0 0 1 .92.38l5.6 5.6a1.3 1.3 0 0 1-1.84 1.84L13.3 8.24V19a1.3 1.3 0 0 1-2.6 0V8.24l-3.38 3.38a1.3 1.3 0 0 1-1.84-1.84l5.6-5.6A1.3 1.3 0 0 1 12 3.8z',
  stop: 'M8.5 6h7A2.5 2.5 0 0 1 18 8.5v7a2.5 2.5 0 0 1-2.5 2.5h-7A2.5 2.5 0 0 1 6 15.5v-7A2.5 2.5 0 0 1 8.5 6z',
  telegram:
    'M20.7 4.2L3.4 10.9c-1 .4-.9 1.7 0 2l4.3 1.4 1.7 5.2c.2.7 1.1.9 1.6.4l2.4-2.3 4.4 3.2c.6.4 1.4.1 1.6-.6l3-14.6c.1-1-.8-1.7-1.7-1.4zM9 14l8.5-6.2-6.9 7.2-.3 2.5z',
  verified:
    'M12 2.5l2.3 1.8 2.9-.2 1 2.7 2.4 1.6-.8 2.8.8 2.8-2.4 1.6-1 2.7-2.9-.2L12 20l-2.3-1.9-2.9.2-1-2.7-2.4-1.6.8-2.8-.8-2.8 2.4-1.6 1-2.7 2.9.2zM10.9 14.9l5-5-1.3-1.3-3.7 3.7-1.6-1.6-1.3 1.3z',
} as const;

export type IconName = keyof typeof paths | keyof typeof solid;

export function Icon({ name, size = 24 }: { name: IconName; size?: number }) {
  const isSolid = name in solid;
  return (
    <svg
      className={isSolid ? 'icon icon-solid' : 'icon'}
      viewBox="0 0 24 24"
      width={size}
      height={size}
      aria-hidden="true"
      focusable="false"
    >
      <path
        d={isSolid ? solid[name as keyof typeof solid] : paths[name as keyof typeof paths]}
        fillRule="evenodd"
      />
    </svg>
  );
}
