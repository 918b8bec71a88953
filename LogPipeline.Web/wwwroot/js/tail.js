// The rows of the live tail. The host sends values, never markup; text gets into the document only as text nodes.
// Only the rows in sight (and a few around them) are elements: `rows` is the list, `from..to` the part of it that has elements.
import { P, draw, gap, text, tone } from './tail-rows.js';

const tails = new Map();
const most = 5000;
const around = 8;

function element(tail, row, fresh) {
  const made = Array.isArray(row) ? draw(tail, row, fresh) : gap(row);
  made.classList.toggle('selected', Array.isArray(row) && row[P] === tail.selected);
  return made;
}

/** Makes the elements of the rows in sight; those that have one keep it. */
function show(tail, freshFrom = Infinity) {
  const height = tail.rowHeight;
  const first = Math.max(0, Math.floor(tail.view.scrollTop / height) - around);
  const last = Math.min(tail.rows.length, Math.ceil((tail.view.scrollTop + tail.view.clientHeight) / height) + around);
  const list = tail.list;
  if (last <= tail.from || first >= tail.to || tail.redraw) {
    list.replaceChildren();
    tail.from = tail.to = first;
    tail.redraw = false;
  }

  while (tail.from < first) {
    list.firstElementChild.remove();
    tail.from++;
  }

  while (tail.to > last) {
    list.lastElementChild.remove();
    tail.to--;
  }

  if (tail.from > first) {
    const part = document.createDocumentFragment();
    for (let i = first; i < tail.from; i++) {
      part.append(element(tail, tail.rows[i], false));
    }

    list.prepend(part);
    tail.from = first;
  }

  if (tail.to < last) {
    const part = document.createDocumentFragment();
    for (let i = tail.to; i < last; i++) {
      part.append(element(tail, tail.rows[i], i >= freshFrom));
    }

    list.append(part);
    tail.to = last;
  }

  list.style.transform = `translateY(${first * height}px)`;
}

function size(tail) {
  tail.spacer.style.height = `${tail.rows.length * tail.rowHeight}px`;
  tail.view.setAttribute('aria-rowcount', tail.rows.length);
}

function bottom(tail) {
  tail.ownScroll = true;
  tail.view.scrollTop = tail.view.scrollHeight;
}

function drop(tail, count) {
  tail.rows.splice(0, count);
  tail.from -= count;
  tail.to -= count;
  while (tail.from < 0 && tail.list.firstElementChild) {
    tail.list.firstElementChild.remove();
    tail.from++;
  }

  if (tail.from < 0 || tail.to < tail.from) {
    tail.redraw = true;
    tail.from = tail.to = 0;
  }
}

/** Adds rows at the end. Answers the milliseconds from taking them to having them in the document. */
export function push(id, batch) {
  const begun = performance.now();
  const tail = tails.get(id);
  if (!tail) {
    return 0;
  }

  const before = tail.rows.length;
  for (const note of batch.notes ?? []) {
    tail.rows.push(note);
  }

  for (const row of batch.rows) {
    tail.rows.push(row);
  }

  if (document.hidden) {
    // Nobody looks: keep the list short, draw once the page is seen again.
    if (tail.rows.length > most) {
      tail.rows.splice(0, tail.rows.length - most);
    }

    tail.redraw = true;
    return performance.now() - begun;
  }

  let freshFrom = before;
  if (tail.rows.length > most + 500 && tail.follow) {
    const over = tail.rows.length - most;
    drop(tail, over);
    freshFrom -= over;
  }

  size(tail);
  if (tail.follow) {
    bottom(tail);
  }

  show(tail, freshFrom);
  return performance.now() - begun;
}

/** Shows other rows, the newest at the bottom. */
export function reset(id, batch, columns) {
  const tail = tails.get(id);
  if (!tail) {
    return;
  }

  setColumns(tail, columns);
  tail.rows = [...(batch.notes ?? []), ...batch.rows];
  tail.redraw = true;
  tail.atStart = false;
  tail.follow = true;
  size(tail);
  bottom(tail);
  show(tail);
}

/** Puts older rows before the first one; what is in sight stays where it is. */
function older(tail, batch) {
  const rows = [...(batch.notes ?? []), ...batch.rows];
  if (batch.rows.length === 0) {
    tail.atStart = true;
  }

  if (rows.length === 0) {
    return;
  }

  const top = tail.view.scrollTop;
  tail.rows.unshift(...rows);
  tail.from += rows.length;
  tail.to += rows.length;
  size(tail);
  tail.ownScroll = true;
  tail.view.scrollTop = top + rows.length * tail.rowHeight;
  tail.redraw = true;
  show(tail);
}

function setColumns(tail, columns) {
  tail.columns = columns;
  tail.view.style.setProperty('--columns', columns.map(c => c.width).join(' '));
  tail.redraw = true;
}

/** Whether the list follows the newest row. */
export function follow(id, on) {
  const tail = tails.get(id);
  if (tail) {
    tail.follow = on;
    if (on) {
      bottom(tail);
      show(tail);
    }
  }
}

function select(tail, at, scroll) {
  tail.selected = at;
  for (const row of tail.list.children) {
    row.classList.toggle('selected', at !== null && row.dataset.at === at);
  }

  if (scroll && at !== null) {
    const index = tail.rows.findIndex(row => row[P] === at);
    const top = index * tail.rowHeight;
    if (index >= 0 && (top < tail.view.scrollTop || top + tail.rowHeight > tail.view.scrollTop + tail.view.clientHeight)) {
      tail.ownScroll = true;
      tail.view.scrollTop = Math.max(0, top - tail.view.clientHeight / 2);
      show(tail);
    }
  }
}

export function mark(id, at) {
  const tail = tails.get(id);
  if (tail) {
    select(tail, at, true);
  }
}

/** Moves the selection: j and k by a row, e and E by an error. Answers the position that is selected then. */
export function move(id, key) {
  const tail = tails.get(id);
  if (!tail) {
    return null;
  }

  const step = key === 'j' || key === 'e' ? 1 : -1;
  const error = key === 'e' || key === 'E';
  let index = tail.rows.findIndex(row => row[P] === tail.selected);
  if (index < 0) {
    index = step > 0 && !error ? Math.floor(tail.view.scrollTop / tail.rowHeight) - 1 : tail.rows.length;
    if (key === 'e') {
      index = Math.floor(tail.view.scrollTop / tail.rowHeight) - 1;
    }
  }

  for (index += step; index >= 0 && index < tail.rows.length; index += step) {
    const row = tail.rows[index];
    if (Array.isArray(row) && (!error || tone(row) === 'error')) {
      select(tail, row[P], true);
      return row[P];
    }
  }

  return tail.selected;
}

function cellOf(event) {
  const cell = event.target.closest?.('[data-field]');
  const row = event.target.closest?.('.row:not(.gap)');
  return { cell, row };
}

function act(tail, event) {
  const button = event.target.closest('[data-act]');
  if (!button || !tail.hovered) {
    return false;
  }

  event.stopPropagation();
  const { field, value } = tail.hovered;
  if (button.dataset.act === 'copy') {
    navigator.clipboard?.writeText(value).catch(() => { });
  } else {
    tail.dotnet.invokeMethodAsync('OnFilter', field, value, button.dataset.act === 'exclude').catch(() => { });
  }

  return true;
}

function hover(tail, event) {
  const { cell, row } = cellOf(event);
  if (!cell || !row || event.pointerType === 'touch') {
    if (!event.target.closest?.('.row-tools')) {
      tail.tools.remove();
    }

    return;
  }

  const found = tail.rows.find(r => r[P] === row.dataset.at);
  const field = ['time'].includes(cell.dataset.field) ? 'endpoint' : cell.dataset.field;
  const value = found ? text(found, field) : null;
  if (value === null || value === undefined || value === '') {
    tail.tools.remove();
    return;
  }

  tail.hovered = { field, value: String(value) };
  const filterable = field !== 'message' && field !== 'response_time';
  tail.tools.querySelectorAll('[data-act=include], [data-act=exclude]').forEach(b => { b.hidden = !filterable; });
  tail.tools.title = filterable ? `${field} = ${value}` : field;
  if (tail.tools.parentElement !== row) {
    row.append(tail.tools);
  }
}

function tools() {
  const box = document.createElement('span');
  box.className = 'row-tools';
  box.setAttribute('role', 'gridcell');
  for (const [act, name, path] of [['include', 'Only this value', 'M3 8h10M8 3v10'], ['exclude', 'Without this value', 'M3 8h10'], ['copy', 'Copy the value', 'M6 6h7.500v7.500H6zM10 6V2.500H2.500V10H6']]) {
    const button = box.appendChild(document.createElement('button'));
    button.type = 'button';
    button.className = 'btn small';
    button.dataset.act = act;
    button.tabIndex = -1;
    button.setAttribute('aria-label', name);
    button.title = name;
    button.innerHTML = `<svg width="12" height="12" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true"><path d="${path}"/></svg>`;
  }

  return box;
}

export function create(id, view, columns, dotnet, compact) {
  dispose(id);
  const spacer = view.querySelector('.spacer');
  const list = view.querySelector('.rows');
  const tail = {
    id, view, spacer, list, dotnet, compact, rows: [], from: 0, to: 0, columns: [], selected: null, follow: true, redraw: true, atStart: false, ownScroll: false,
    utc: document.documentElement.dataset.utc === '1', rowHeight: 24, tools: tools(), hovered: null, asking: false, off: new AbortController(),
  };
  tails.set(id, tail);
  setColumns(tail, columns);
  const on = (target, name, handler, more) => target.addEventListener(name, handler, { signal: tail.off.signal, ...more });
  const measure = () => {
    const height = parseFloat(getComputedStyle(view).getPropertyValue('--row')) || 24;
    if (height !== tail.rowHeight) {
      tail.rowHeight = height;
      tail.redraw = true;
    }

    size(tail);
    if (tail.follow) {
      bottom(tail);
    }

    show(tail);
  };
  tail.resize = new ResizeObserver(measure);
  tail.resize.observe(view);
  on(view, 'scroll', () => {
    const own = tail.ownScroll;
    tail.ownScroll = false;
    const left = view.scrollHeight - view.clientHeight - view.scrollTop;
    if (!own && tail.follow && left > tail.rowHeight) {
      tail.follow = false;
      dotnet.invokeMethodAsync('OnScrolledAway').catch(() => { });
    }

    show(tail);
    if (!tail.follow && !tail.atStart && !tail.asking && view.scrollTop < 40 * tail.rowHeight && tail.rows.length < 50_000) {
      ask(tail);
    }
  }, { passive: true });
  // Rows move between press and release: the row is the one that was pressed.
  let pressed = null;
  on(view, 'pointerdown', event => {
    const { row } = cellOf(event);
    pressed = row && event.button === 0 ? { at: row.dataset.at, x: event.clientX, y: event.clientY } : null;
  });
  on(view, 'click', event => {
    if (act(tail, event) || event.target.closest('a') || !pressed || Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > 4) {
      return;
    }

    select(tail, pressed.at, false);
    dotnet.invokeMethodAsync('OnOpen', pressed.at).catch(() => { });
  });
  on(view, 'pointerover', event => hover(tail, event), { passive: true });
  on(view, 'pointerleave', () => tail.tools.remove(), { passive: true });
  on(document, 'zonechange', () => {
    tail.utc = document.documentElement.dataset.utc === '1';
    tail.redraw = true;
    show(tail);
  });
  on(document, 'visibilitychange', () => {
    if (!document.hidden) {
      measure();
    }
  });
  measure();
}

async function ask(tail) {
  const oldest = tail.rows.find(Array.isArray);
  if (!oldest) {
    return;
  }

  tail.asking = true;
  try {
    const batch = await tail.dotnet.invokeMethodAsync('OnOlder', oldest[P]);
    if (tails.get(tail.id) === tail && tail.rows.find(Array.isArray) === oldest) {
      older(tail, batch);
    }
  } catch {
    // The circuit is gone; the page will be loaded anew.
  } finally {
    tail.asking = false;
  }
}

/** For tests and benchmarks: positions in the list, oldest first. */
export function positions(id) {
  const tail = id ? tails.get(id) : tails.values().next().value;
  return tail ? tail.rows.filter(Array.isArray).map(row => row[P]) : [];
}

export function dispose(id) {
  const tail = tails.get(id);
  if (tail) {
    tails.delete(id);
    tail.off.abort();
    tail.resize.disconnect();
  }
}

/** The position that is selected, or null. */
export function selected(id) {
  return tails.get(id)?.selected ?? null;
}
