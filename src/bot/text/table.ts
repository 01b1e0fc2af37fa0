// Markdown tables become aligned monospace text: Telegram has no tables.

const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Extended_Pictographic}/u;
const invisible = /[\p{Mn}\p{Me}\p{Cf}\uFE0F]/u;

/** Columns that a text takes in a monospace font. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) width += invisible.test(char) ? 0 : wide.test(char) ? 2 : 1;
  return width;
}

/** Cells of `| a | b |`; a backslash before a bar, and bars inside code, keep it in the cell. */
export function tableCells(line: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let inCode = false;
  const row = line.trim().replace(/^\|/, '');
  for (let i = 0; i < row.length; i++) {
    const char = row.charAt(i);
    if (char === '\\' && row.charAt(i + 1) === '|') {
      cell += '|';
      i += 1;
    } else if (char === '|' && !inCode) {
      cells.push(cell.trim());
      cell = '';
    } else {
      if (char === '`') inCode = !inCode && row.includes('`', i + 1);
      cell += char;
    }
  }
  if (cell.trim() !== '') cells.push(cell.trim());
  return cells;
}

export function isTableDelimiter(line: string): boolean {
  return /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/.test(line) && line.includes('|');
}

type Alignment = 'left' | 'right' | 'center';

/** Rows of plain cells, the first one being the header. */
export function layOutTable(rows: readonly (readonly string[])[], delimiter: string): string {
  const alignments = tableCells(delimiter).map(alignmentOf);
  const columns = Math.max(...rows.map((row) => row.length), 1);
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(1, ...rows.map((row) => displayWidth(row[column] ?? ''))),
  );
  const lines = rows.map((row) =>
    widths
      .map((width, column) => pad(row[column] ?? '', width, alignments[column] ?? 'left'))
      .join(' │ ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('─┼─');
  return [lines[0] ?? '', rule, ...lines.slice(1)].join('\n');
}

function alignmentOf(cell: string): Alignment {
  if (cell.startsWith(':') && cell.endsWith(':')) return 'center';
  return cell.endsWith(':') ? 'right' : 'left';
}

function pad(text: string, width: number, alignment: Alignment): string {
  const missing = width - displayWidth(text);
  const left = alignment === 'right' ? missing : alignment === 'center' ? Math.floor(missing / 2) : 0;
  return ' '.repeat(left) + text + ' '.repeat(missing - left);
}
