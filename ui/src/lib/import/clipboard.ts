/**
 * Returns the cells of a text as spreadsheets put it on the clipboard: tabs between cells, a line for
 * each row, and quotes around what holds either.
 */
export function cellsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let isQuoted = false;
  const end = () => {
    rows.at(-1)?.push(cell);
    cell = "";
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (letter === '"' && cell === "" && closes(text, at)) isQuoted = true;
    else if (letter === "\t") end();
    else if (letter === "\n" || letter === "\r") {
      if (letter === "\r" && text.charAt(at + 1) === "\n") at += 1;
      end();
      // The line break after the last row begins no further one.
      if (at + 1 < text.length) rows.push([]);
    } else cell += letter;
  }
  if (cell !== "" || rows.at(-1)?.length === 0 || text.endsWith("\t")) end();
  return rows;
}

/** Whether the quote at `at` is closed before a cell ends; otherwise it is a letter as any other. */
function closes(text: string, at: number): boolean {
  return /^"(?:[^"]|"")*"(?=[\t\r\n]|$)/.test(text.slice(at));
}

/** Returns a cell as it is put on the clipboard, so that a spreadsheet reads one cell again. */
export function quoted(cell: string): string {
  return /[\t\r\n"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
