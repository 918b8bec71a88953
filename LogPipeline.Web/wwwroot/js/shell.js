// The shell's share of the browser: zone, theme, keys, copying.
const heard = new Set(['/', ' ', 'j', 'k', 'e', 'E', '?', 'Enter', 'Escape', 'End']);
let shell = null;
let wired = false;

function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(`logpipeline.${key}`, value);
  } catch {
    // A browser that stores nothing forgets the choice; nothing else depends on it.
  }
}

export function start(dotnet) {
  shell = dotnet;
  if (!wired) {
    wired = true;
    document.addEventListener('keydown', onMenuKey);
    document.addEventListener('keydown', onKey);
    document.addEventListener('click', onClick);
  }

  document.documentElement.dataset.interactive = '1';
  return {
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? null,
    offsetMinutes: -new Date().getTimezoneOffset(),
    utc: read('logpipeline.utc') === '1',
    origin: location.origin,
  };
}

export function setUtc(utc) {
  remember('utc', utc ? '1' : '0');
  document.documentElement.dataset.utc = utc ? '1' : '0';
  document.dispatchEvent(new CustomEvent('zonechange'));
}

// A menu is drawn at the end of the page: Tab and the arrows lead from its button into it, arrows through it, Escape back.
function onMenuKey(event) {
  const opener = document.querySelector('button[aria-haspopup="true"][aria-expanded="true"]');
  const menu = opener && document.querySelector('.menu');
  if (!menu) {
    return;
  }

  const items = [...menu.querySelectorAll('button, a, input')].filter(item => !item.disabled);
  const at = items.indexOf(document.activeElement);
  const onOpener = document.activeElement === opener;
  const step = { ArrowDown: 1, ArrowUp: -1, Tab: onOpener && !event.shiftKey ? 1 : 0 }[event.key];
  if (step && items.length > 0 && (at >= 0 || onOpener)) {
    event.preventDefault();
    items[at < 0 ? (step > 0 ? 0 : items.length - 1) : (at + step + items.length) % items.length].focus();
  } else if (event.key === 'Escape') {
    if (!menu.contains(event.target) && !opener.parentElement.contains(event.target)) {
      opener.click();
    }

    opener.focus();
  }
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !heard.has(event.key) || !shell) {
    return;
  }

  const target = event.target;
  const typing = target.closest('input, textarea, select, [contenteditable="true"], .monaco-editor');
  if (typing) {
    if (event.key === 'Escape') {
      target.blur();
    }

    return;
  }

  if ((event.key === ' ' || event.key === 'Enter') && target.closest('button, a, summary, [role="button"]')) {
    return;
  }

  if (event.key === '/') {
    const search = document.querySelector('[data-search]');
    if (search) {
      event.preventDefault();
      search.focus();
      search.select?.();
    }

    return;
  }

  if (event.key === ' ' && !document.querySelector('[data-pausable]')) {
    return;
  }

  if (event.key === ' ' || event.key === 'End') {
    event.preventDefault();
  }

  shell.invokeMethodAsync('OnKey', event.key).catch(() => { });
}

async function onClick(event) {
  const toggle = event.target.closest('[data-theme-toggle]');
  if (toggle) {
    const root = document.documentElement;
    root.dataset.theme = root.dataset.theme === 'dark' ? 'light' : 'dark';
    remember('theme', root.dataset.theme);
    document.dispatchEvent(new CustomEvent('themechange'));
    return;
  }

  const copy = event.target.closest('[data-copy]');
  if (copy) {
    await copyText(copy.dataset.copy === 'url' ? location.href : copy.dataset.copy);
    const label = copy.getAttribute('aria-label');
    copy.classList.add('copied');
    copy.setAttribute('aria-label', 'Copied');
    setTimeout(() => {
      copy.classList.remove('copied');
      copy.setAttribute('aria-label', label ?? 'Copy');
    }, 1200);
  }
}

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

export function download(name, type, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Saves what the host streams. */
export async function downloadStream(name, type, stream) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([await stream.arrayBuffer()], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
