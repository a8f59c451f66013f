/**
 * Selects what a short field holds when it is entered, by the pointer as by keys, so that typing replaces it.
 * WebKit would put the caret where the pointer pressed, after the focus has come: the press that enters a
 * field only enters it.
 */
export function selectedWhenEntered(field: HTMLInputElement) {
  const press = (event: MouseEvent) => {
    if (document.activeElement === field || event.button !== 0) return;
    event.preventDefault();
    field.focus();
  };
  const focus = () => {
    field.select();
  };
  field.addEventListener("mousedown", press);
  field.addEventListener("focus", focus);
  return () => {
    field.removeEventListener("mousedown", press);
    field.removeEventListener("focus", focus);
  };
}
