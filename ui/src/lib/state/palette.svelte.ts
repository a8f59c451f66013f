/** Whether the palette of commands is open. */
class Palette {
  open = $state(false);
}

export const palette = new Palette();
