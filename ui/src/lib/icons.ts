/** Icons on a 16 × 16 grid, drawn with a 1.5 stroke in the current colour. */
const ICONS = {
  // Statuses.
  dashed: `<circle cx="8" cy="8" r="5.5" stroke-dasharray="2.3 2.02"/>`,
  clock: `<circle cx="8" cy="8" r="5.5"/><path d="M8 5v3l2 1.4"/>`,
  "clock-filled": `<circle cx="8" cy="8" r="6.2" fill="currentColor" stroke="none"/><path d="M8 4.8V8l2.1 1.5" stroke="var(--bg)"/>`,
  pause: `<circle cx="8" cy="8" r="5.5"/><path d="M6.6 6v4M9.4 6v4"/>`,
  sending: `<path d="M13.2 8A5.2 5.2 0 0 1 4 11.4M2.8 8A5.2 5.2 0 0 1 12 4.6"/><path d="M12.3 2.3v2.5H9.8M3.7 13.7v-2.5h2.5"/>`,
  check: `<circle cx="8" cy="8" r="5.8"/><path d="M5.4 8.2 7.2 10l3.4-3.8"/>`,
  half: `<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" stroke="none"/>`,
  question: `<circle cx="8" cy="8" r="5.8"/><path d="M6.4 6.5a1.6 1.6 0 1 1 2.4 1.4c-.5.3-.8.6-.8 1.1M8 11.1v.1"/>`,
  alert: `<circle cx="8" cy="8" r="5.8"/><path d="M8 5v3.4M8 11v.1"/>`,
  missed: `<path d="M9.2 2 4 9h3.6L6.8 14 12 7H8.4z"/>`,
  minus: `<circle cx="8" cy="8" r="5.5"/><path d="M5.8 8h4.4"/>`,
  // Places.
  today: `<rect x="2.5" y="3.5" width="11" height="10" rx="2"/><path d="M2.5 6.8h11M5.5 2v2.4M10.5 2v2.4"/><circle cx="8" cy="10.2" r="1.1" fill="currentColor" stroke="none"/>`,
  upcoming: `<path d="M2.5 4.5h11M2.5 8h8M2.5 11.5h5"/>`,
  calendar: `<rect x="2.5" y="3.5" width="11" height="10" rx="2"/><path d="M2.5 6.8h11M5.5 2v2.4M10.5 2v2.4M6.2 6.8v6.500M9.8 6.800v6.500M2.500 10.100h11"/>`,
  all: `<rect x="2.500" y="2.500" width="11" height="4.500" rx="1.200"/><rect x="2.500" y="9" width="11" height="4.500" rx="1.200"/>`,
  left: `<path d="M9.500 4.500 6 8l3.500 3.500"/>`,
  right: `<path d="M6.500 4.500 10 8l-3.500 3.500"/>`,
  smile: `<circle cx="8" cy="8" r="5.800"/><path d="M5.500 9.500c.6 1 1.500 1.500 2.500 1.500s1.900-.5 2.500-1.500M6 6.300v.1M10 6.300v.1"/>`,
  split: `<path d="M3 3.500h10M3 12.500h10M2 8h2M6 8h1.500M9 8h1.500M12 8h2"/>`,
  grip: `<path d="M6 4v.1M10 4v.1M6 8v.1M10 8v.1M6 12v.1M10 12v.1"/>`,
  drafts: `<path d="M10.9 2.9a1.55 1.55 0 0 1 2.2 2.2L6 12.2l-3 .8.8-3z"/>`,
  "needs-you": `<path d="M8 2.4 14.2 13H1.8z"/><path d="M8 6.6v2.8M8 11.2v.1"/>`,
  posted: `<path d="M2.2 8.6 5 11.4l5.2-6M8.4 10.8l.6.6 5-6"/>`,
  imports: `<path d="M8 2.5v7M5.2 7 8 9.8 10.8 7M2.5 10.5v1.7c0 .7.6 1.3 1.3 1.3h8.4c.7 0 1.3-.6 1.3-1.3v-1.7"/>`,
  // Actions and things.
  search: `<circle cx="7" cy="7" r="4.2"/><path d="m10.2 10.2 3.3 3.3"/>`,
  up: `<path d="M8 12.5v-9M4.5 7 8 3.5 11.5 7"/>`,
  down: `<path d="M8 3.5v9M4.500 9 8 12.5 11.5 9"/>`,
  plus: `<path d="M8 3v10M3 8h10"/>`,
  close: `<path d="m4 4 8 8M12 4l-8 8"/>`,
  link: `<path d="M6.8 9.2 9.2 6.8M7.4 4.6l1-1a2.83 2.83 0 0 1 4 4l-1 1M8.6 11.4l-1 1a2.83 2.83 0 0 1-4-4l1-1"/>`,
  external: `<path d="M6.5 3.5h-2c-.6 0-1 .4-1 1v7c0 .6.4 1 1 1h7c.6 0 1-.4 1-1v-2M9 3h4v4M13 3 7.5 8.5"/>`,
  chevron: `<path d="m4.5 6.5 3.5 3.5 3.5-3.5"/>`,
  globe: `<circle cx="8" cy="8" r="5.5"/><path d="M2.5 8h11M8 2.5c3.6 3.3 3.6 7.7 0 11M8 2.5c-3.6 3.3-3.6 7.7 0 11"/>`,
  tag: `<path d="M8.300 2.500h4c.7 0 1.200.5 1.200 1.200v4L8 13.200 2.800 8z"/><path d="M10.800 5.200v.1"/>`,
  filter: `<path d="M2.5 4.5h11M4.8 8h6.4M6.8 11.5h2.4"/>`,
  image: `<rect x="2.500" y="3" width="11" height="10" rx="1.600"/><circle cx="6" cy="6.500" r="1.100"/><path d="m3 12 3.500-3.500 2.200 2.200 2.300-2.700 2.500 3"/>`,
  file: `<path d="M9 2H5c-.8 0-1.5.7-1.5 1.5v9c0 .8.7 1.5 1.5 1.5h6c.8 0 1.5-.7 1.5-1.5V5.500z"/><path d="M9 2v3.500h3.5"/>`,
  undo: `<path d="M5.5 3 2.5 6l3 3M2.8 6h6.500a3.7 3.7 0 0 1 0 7.400H6"/>`,
  bird: `<g transform="scale(0.03125)" stroke-width="38"><path d="M104 322c46-14 66-44 70-92 5-66 52-108 112-108 52 0 92 34 98 82l50 24-50 18c-4 66-54 108-126 108H132c-22 0-36-8-28-32zM80 420h352M226 360v54M274 360v54"/></g><circle cx="9.9" cy="6.3" r="0.9" fill="currentColor" stroke="none"/>`,
  theme: `<circle cx="8" cy="8" r="5.5"/><path d="M8 2.500a5.5 5.5 0 0 1 0 11z" fill="currentColor" stroke="none"/>`,
  settings: `<path d="M2.500 4.800h5M11.500 4.800h2M2.500 11.200h2M8.500 11.200h5"/><circle cx="9.500" cy="4.800" r="1.800"/><circle cx="6.500" cy="11.200" r="1.800"/>`,
  keyboard: `<rect x="1.8" y="4" width="12.4" height="8" rx="1.6"/><path d="M4.5 6.700v.1M7 6.700v.1M9.5 6.700v.1M11.7 6.700v.1M5 9.400h6"/>`,
  drop: `<path d="M8 3v7M5 7.2 8 10.200l3-3M3 13h10"/>`,
  flask: `<path d="M6.3 2h3.400M6.9 2v4.200L3.4 12.300c-.5.9.1 1.7 1 1.700h7.200c.9 0 1.5-.8 1-1.700L9.1 6.200V2M5.2 10h5.6"/>`,
  play: `<path d="M5 3.500v9l7.5-4.500z"/>`,
  repeat: `<path d="M3 7.500V6.500c0-1.100.9-2 2-2h8M10.800 2.300 13 4.500l-2.200 2.200M13 8.500v1c0 1.100-.9 2-2 2H3M5.200 13.700 3 11.500l2.200-2.200"/>`,
  tick: `<path d="m3.500 8.500 3 3 6-7"/>`,
  copy: `<rect x="5.500" y="5.500" width="8" height="8" rx="1.600"/><path d="M10.500 5.500V4.100c0-.9-.7-1.600-1.600-1.600H4.100c-.9 0-1.600.7-1.600 1.600v4.800c0 .9.7 1.600 1.600 1.600h1.400"/>`,
  paste: `<path d="M10.500 3.500h1c.8 0 1.500.7 1.500 1.500v7.500c0 .8-.7 1.500-1.500 1.500h-7c-.8 0-1.500-.7-1.500-1.500V5c0-.8.7-1.500 1.500-1.500h1"/><rect x="5.500" y="2" width="5" height="3" rx="1"/>`,
  save: `<path d="M8 2.500v7M5 7l3 2.800L11 7M3 13h10"/>`,
  spark: `<path d="M8 2.500 9.400 6.600 13.500 8 9.400 9.400 8 13.500 6.600 9.400 2.500 8 6.600 6.600z"/>`,
  wand: `<path d="m3 13 7-7M11.500 2v2.500M10.200 3.200h2.600M13.300 7v1.600M12.500 7.800h1.600M6.500 2.800v1.600M5.700 3.600h1.600"/>`,
  columns: `<rect x="2.500" y="3" width="11" height="10" rx="1.600"/><path d="M6.200 3v10M9.800 3v10"/>`,
  folder: `<path d="M2.500 5c0-.8.6-1.500 1.400-1.500h2.300l1.500 1.700h4.400c.8 0 1.400.6 1.400 1.400v4.900c0 .8-.6 1.500-1.400 1.500H3.900c-.8 0-1.400-.7-1.400-1.500z"/>`,
  bell: `<path d="M4.500 11V7a3.500 3.500 0 0 1 7 0v4M3 11.300h10M6.800 13.300h2.400"/>`,
  trash: `<path d="M3 4.500h10M6.500 4.300V3h3v1.300M4.300 4.700l.6 7.800c0 .6.500 1 1 1h4.200c.5 0 1-.4 1-1l.6-7.800"/>`,
  arrow: `<path d="M3.500 8h9M9 4.500 12.500 8 9 11.500"/>`,
} as const;

/** The name of an icon. */
export type IconName = keyof typeof ICONS;

/** The inside of the icon's SVG. Ours alone: nothing of a person ever gets in here. */
export function drawing(name: IconName): string {
  return ICONS[name];
}
