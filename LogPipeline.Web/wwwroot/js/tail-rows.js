// One row of the live tail as elements. A row is an array; see TailBatch for what stands where.
// Text gets into the document only as text nodes.
export const P = 0, T = 1, L = 2, S = 3, M = 4, E = 5, R = 6, O = 7, X = 8, K = 9, F = 10;
const bad = new Set(['ERROR', 'FATAL']);
const two = n => (n < 10 ? '0' : '') + n;
const three = n => (n < 10 ? '00' : n < 100 ? '0' : '') + n;

function clock(ms, utc) {
  const at = new Date(ms);
  return utc
    ? `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}.${three(at.getUTCMilliseconds())}`
    : `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${three(at.getMilliseconds())}`;
}

function millis(value) {
  return value === null ? '' : value >= 10 || value === 0 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1);
}

export function tone(row) {
  return bad.has(row[L]) || row[S] >= 500 ? 'error' : row[L] === 'WARN' || row[S] >= 400 ? 'warning' : row[L] === 'DEBUG' || row[L] === 'TRACE' ? 'debug' : '';
}

function marked(cell, text, spans) {
  let at = 0;
  for (let i = 0; i + 1 < spans.length; i += 2) {
    cell.append(text.slice(at, spans[i]));
    const mark = document.createElement('mark');
    mark.textContent = text.slice(spans[i], spans[i] + spans[i + 1]);
    cell.append(mark);
    at = spans[i] + spans[i + 1];
  }

  cell.append(text.slice(at));
}

export function text(row, column) {
  switch (column) {
    case 'time': return null;
    case 'level': return row[L];
    case 'status': return row[S];
    case 'method': return row[M];
    case 'endpoint': return row[E];
    case 'response_time': return row[R];
    case 'source': return row[O];
    case 'message': return row[X];
    default: return row[F]?.[column] ?? null;
  }
}

export function draw(tail, row, fresh) {
  const element = document.createElement('div');
  element.className = `row ${tone(row)}${fresh ? ' fresh' : ''}`;
  element.setAttribute('role', 'row');
  element.dataset.at = row[P];
  for (const column of tail.columns) {
    const cell = document.createElement('span');
    cell.className = `c-${column.key}`;
    cell.setAttribute('role', 'gridcell');
    cell.dataset.field = column.key;
    const value = text(row, column.key);
    if (column.key === 'time') {
      cell.textContent = clock(row[T], tail.utc);
    } else if (column.key === 'response_time') {
      cell.textContent = millis(value);
      if (value > 1000) {
        cell.classList.add('slow');
      }
    } else if (column.key === 'message' && row[K]) {
      marked(cell, value ?? '', row[K]);
    } else {
      cell.textContent = value ?? '';
      if (column.key === 'status' && value >= 400) {
        cell.classList.add(value >= 500 ? 's5' : 's4');
      } else if (column.key === 'endpoint' || column.extra) {
        cell.title = value ?? '';
      }
    }

    element.append(cell);
  }

  return element;
}

export function gap(row) {
  const element = document.createElement('div');
  element.className = 'row gap';
  element.setAttribute('role', 'row');
  const cell = element.appendChild(document.createElement('span'));
  cell.setAttribute('role', 'gridcell');
  cell.textContent = row.text;
  if (row.link) {
    const link = cell.appendChild(document.createElement('a'));
    link.href = row.link;
    link.textContent = row.linkText;
  }

  return element;
}
