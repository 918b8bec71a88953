// The editor and the chart of the Query page. Monaco is loaded the first time the page is opened, from this host.
const base = '/_content/BlazorMonaco/lib/monaco-editor/min/vs';
const language = 'sparksql';
const keywords = ('ALL AND ANTI AS ASC BETWEEN BY CASE CAST CROSS CUBE CURRENT DAY DAYS DESC DESCRIBE DISTINCT ELSE END ESCAPE EXCEPT EXISTS EXPLAIN EXTENDED FALSE FILTER FIRST '
  + 'FOLLOWING FOR FROM FULL GROUP GROUPING HAVING HISTORY HOUR HOURS ILIKE IN INNER INTERSECT INTERVAL IS JOIN LAST LATERAL LEFT LIKE LIMIT MINUTE MINUTES MONTH MONTHS NATURAL NOT NULL '
  + 'NULLS OF OFFSET ON OR ORDER OUTER OVER PARTITION PRECEDING QUALIFY RANGE RIGHT RLIKE ROLLUP ROW ROWS SECOND SECONDS SELECT SEMI SETS SHOW TABLE TABLES COLUMNS THEN TRUE TRY_CAST '
  + 'UNBOUNDED UNION USING VALUES VERSION VIEW WEEK WEEKS WHEN WHERE WINDOW WITH WITHIN YEAR YEARS').split(' ');
const longest = 80_000;
let loading = null;
let monaco = null;
const providers = new Map();

function script(src) {
  return new Promise((done, failed) => {
    const element = document.createElement('script');
    element.src = src;
    element.onload = done;
    element.onerror = () => failed(new Error(`${src} could not be loaded`));
    document.head.append(element);
  });
}

function load() {
  loading ??= (async () => {
    await script(`${base}/loader.js`);
    window.require.config({ paths: { vs: base } });
    await new Promise((done, failed) => window.require(['vs/editor/editor.main'], done, failed));
    // Other scripts look for this loader and would hand themselves to it.
    window.define.amd = undefined;
    monaco = window.monaco;
    describe();
    theme();
    document.addEventListener('themechange', theme);
  })();
  return loading;
}

function describe() {
  monaco.languages.register({ id: language });
  monaco.languages.setLanguageConfiguration(language, {
    comments: { lineComment: '--', blockComment: ['/*', '*/'] },
    brackets: [['(', ')'], ['[', ']']],
    autoClosingPairs: [{ open: '(', close: ')' }, { open: '[', close: ']' }, { open: "'", close: "'", notIn: ['string', 'comment'] }, { open: '`', close: '`' }],
  });
  monaco.languages.setMonarchTokensProvider(language, {
    ignoreCase: true,
    keywords,
    tokenizer: {
      root: [
        [/--.*$/, 'comment'],
        [/\/\*/, 'comment', '@comment'],
        [/r?'/, 'string', '@single'],
        [/r?"/, 'string', '@double'],
        [/`[^`]*`/, 'identifier'],
        [/\d+(\.\d+)?(e[+-]?\d+)?(bd|[lsydf])?\b/, 'number'],
        [/(filter|in|over|values|and|or|not|on|using|as|by|when|then|else|where|exists)(?=\s*\()/, 'keyword'],
        [/(date|timestamp)(?=\s*['"])/, 'keyword'],
        [/[a-z_]\w*(?=\()/, 'predefined'],
        [/[a-z_]\w*/, { cases: { '@keywords': 'keyword', '@default': 'identifier' } }],
        [/[^\s\w]/, 'operator'],
      ],
      comment: [[/[^*/]+/, 'comment'], [/\*\//, 'comment', '@pop'], [/./, 'comment']],
      single: [[/\\./, 'string'], [/''/, 'string'], [/'/, 'string', '@pop'], [/[^'\\]+/, 'string']],
      double: [[/\\./, 'string'], [/"/, 'string', '@pop'], [/[^"\\]+/, 'string']],
    },
  });
  monaco.languages.registerCompletionItemProvider(language, {
    triggerCharacters: ['.'],
    async provideCompletionItems(model, position) {
      const dotnet = providers.get(model.uri.toString());
      if (!dotnet || model.getValueLength() > longest) {
        return { suggestions: [] };
      }

      const items = await dotnet.invokeMethodAsync('Complete', model.getValue(), model.getOffsetAt(position)).catch(() => []);
      const word = model.getWordUntilPosition(position);
      const range = { startLineNumber: position.lineNumber, endLineNumber: position.lineNumber, startColumn: word.startColumn, endColumn: word.endColumn };
      const kinds = monaco.languages.CompletionItemKind;
      const kind = { keyword: kinds.Keyword, table: kinds.Struct, column: kinds.Field, function: kinds.Function };
      return {
        suggestions: items.map((item, i) => ({
          label: item.label, kind: kind[item.kind] ?? kinds.Text, detail: item.detail, documentation: item.documentation, range,
          filterText: item.label, insertText: item.label, sortText: String(i).padStart(5, '0'),
        })),
      };
    },
  });
  monaco.languages.registerHoverProvider(language, {
    async provideHover(model, position) {
      const dotnet = providers.get(model.uri.toString());
      if (!dotnet || model.getValueLength() > longest) {
        return null;
      }

      const found = await dotnet.invokeMethodAsync('Hover', model.getValue(), model.getOffsetAt(position)).catch(() => null);
      return found ? { contents: [{ value: '```text\n' + found.title.replaceAll('`', '') + '\n```' }, { value: '```text\n' + found.text.replaceAll('`', '') + '\n```' }] } : null;
    },
  });
}

function theme() {
  const style = getComputedStyle(document.documentElement);
  const color = name => style.getPropertyValue(name).trim().slice(0, 7);
  const ink = name => color(name).slice(1);
  monaco.editor.defineTheme('logpipeline', {
    base: document.documentElement.dataset.theme === 'light' ? 'vs' : 'vs-dark',
    inherit: true,
    rules: [
      { token: '', foreground: ink('--text') },
      { token: 'keyword', foreground: ink('--accent'), fontStyle: 'bold' },
      { token: 'predefined', foreground: ink('--info') },
      { token: 'string', foreground: ink('--ok') },
      { token: 'number', foreground: ink('--warn') },
      { token: 'comment', foreground: ink('--text-3'), fontStyle: 'italic' },
      { token: 'operator', foreground: ink('--text') },
    ],
    colors: {
      'editor.background': color('--surface'), 'editor.foreground': color('--text'), 'editorLineNumber.foreground': color('--text-3'), 'editorLineNumber.activeForeground': color('--text'),
      'editorCursor.foreground': color('--accent'), 'editor.lineHighlightBackground': color('--hover'), 'editor.lineHighlightBorder': '#00000000', 'editor.selectionBackground': color('--mark'),
      'editorWidget.background': color('--raised'), 'editorWidget.border': color('--border-strong'), 'editorSuggestWidget.background': color('--raised'), 'editorSuggestWidget.border': color('--border-strong'),
      'editorSuggestWidget.foreground': color('--text-2'), 'editorSuggestWidget.selectedBackground': color('--selected'), 'editorSuggestWidget.selectedForeground': color('--text'),
      'editorSuggestWidget.highlightForeground': color('--accent'), 'editorSuggestWidget.focusHighlightForeground': color('--accent'), 'editorHoverWidget.background': color('--raised'),
      'editorHoverWidget.border': color('--border-strong'), 'editorError.foreground': color('--bad'), 'editorWarning.foreground': color('--warn'), 'editorInfo.foreground': color('--info'),
      'editorBracketMatch.background': color('--selected'), 'editorBracketMatch.border': color('--border-strong'), 'editorOverviewRuler.border': '#00000000', 'focusBorder': color('--accent'),
    },
  });
  monaco.editor.setTheme('logpipeline');
}

/** Makes the editor. What is typed goes to the host a moment after the last key, which answers with what is wrong. */
export async function create(host, text, dotnet) {
  await Promise.all([load(), document.fonts.load('13px "JetBrains Mono"').catch(() => { })]);
  const editor = monaco.editor.create(host, {
    value: text, language, theme: 'logpipeline', automaticLayout: true, minimap: { enabled: false }, fontFamily: '"JetBrains Mono", ui-monospace, monospace', fontSize: 13, lineHeight: 21,
    fontLigatures: false, scrollBeyondLastLine: false, renderLineHighlight: 'all', lineNumbersMinChars: 5, folding: false, glyphMargin: false, overviewRulerLanes: 0, hideCursorInOverviewRuler: true,
    padding: { top: 9, bottom: 9 }, wordWrap: 'on', ariaLabel: 'SQL statement. Control Enter runs it, control M lets Tab leave the editor.', fixedOverflowWidgets: true, wordBasedSuggestions: false,
    scrollbar: { verticalScrollbarSize: 8, horizontalScrollbarSize: 8, useShadows: false, alwaysConsumeMouseWheel: false }, contextmenu: false, guides: { indentation: false }, acceptSuggestionOnEnter: 'smart', links: false, unicodeHighlight: { ambiguousCharacters: false },
  });
  const model = editor.getModel();
  model.setEOL(0);
  providers.set(model.uri.toString(), dotnet);
  let timer = 0;
  const send = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const value = model.getValue();
      const faults = value.length > longest ? [] : await dotnet.invokeMethodAsync('OnEdited', value).catch(() => []);
      if (!model.isDisposed() && model.getValue() === value) {
        mark(editor, faults);
      }
    }, 300);
  };
  model.onDidChangeContent(send);
  editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => {
    editor.trigger('query', 'hideSuggestWidget', {});
    dotnet.invokeMethodAsync('OnRun').catch(() => { });
  });
  const grow = () => dotnet && (host.style.height = `${Math.min(Math.max(editor.getContentHeight(), 102), Math.round(window.innerHeight * 0.34))}px`);
  editor.onDidContentSizeChange(grow);
  grow();
  send();
  return {
    text: () => model.getValue().slice(0, longest + 1),
    set(value) {
      if (model.getValue() !== value) {
        editor.pushUndoStop();
        model.pushEditOperations([], [{ range: model.getFullModelRange(), text: value }], () => null);
        editor.pushUndoStop();
      }

      editor.setScrollTop(0);
    },
    insert(value) {
      editor.executeEdits('browser', [{ range: editor.getSelection(), text: value, forceMoveMarkers: true }]);
      editor.focus();
    },
    mark: faults => mark(editor, faults),
    show(line, column) {
      editor.setPosition({ lineNumber: line, column });
      editor.revealPositionInCenterIfOutsideViewport({ lineNumber: line, column });
      editor.focus();
    },
    dispose() {
      clearTimeout(timer);
      providers.delete(model.uri.toString());
      model.dispose();
      editor.dispose();
    },
  };
}

function mark(editor, faults) {
  const model = editor.getModel();
  monaco.editor.setModelMarkers(model, 'sql', (faults ?? []).map(fault => {
    const from = model.getPositionAt(fault.start);
    const to = model.getPositionAt(fault.start + fault.length);
    return {
      startLineNumber: from.lineNumber, startColumn: from.column, endLineNumber: to.lineNumber, endColumn: to.column, message: fault.message, code: fault.errorClass,
      severity: fault.isUnsupported ? monaco.MarkerSeverity.Info : monaco.MarkerSeverity.Error,
    };
  }));
}

// The chart: lines or bars as SVG. Names and values come from data, so they are only ever text nodes.
const space = 'http://www.w3.org/2000/svg';

function svg(parent, name, attributes, text) {
  const element = parent.appendChild(document.createElementNS(space, name));
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }

  if (text !== undefined) {
    element.textContent = text;
  }

  return element;
}

function nice(low, high) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map(m => m * power).find(s => s >= rough);
  const ticks = [];
  for (let at = Math.floor(low / step); at * step < high + step * 0.999; at++) {
    ticks.push(at * step);
  }

  return ticks;
}

const figure = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });
const charts = new WeakMap();

export function chart(host, data) {
  let entry = charts.get(host);
  if (!entry) {
    entry = { data };
    charts.set(host, entry);
    new ResizeObserver(() => draw(host, entry.data)).observe(host);
  }

  entry.data = data;
  draw(host, data);
}

function draw(host, data) {
  host.replaceChildren();
  const { clientWidth: width, clientHeight: height } = host;
  const all = data.series.flatMap(s => s.values).filter(v => v !== null);
  if (width < 80 || height < 80 || !all.length) {
    return;
  }

  const bars = data.kind === 'bar';
  const low = all.reduce((m, v) => Math.min(m, v), 0);
  const high = all.reduce((m, v) => Math.max(m, v), bars || low < 0 ? 0 : -Infinity);
  const ticks = nice(low, high);
  const [bottom, top] = [ticks[0], ticks[ticks.length - 1]];
  const left = Math.max(...ticks.map(t => figure.format(t).length)) * 6.6 + 14;
  const area = { left, top: 12, width: width - left - 16, height: height - 12 - 30 };
  const count = data.labels.length;
  const positions = !bars && data.positions ? data.positions : data.labels.map((_, i) => i);
  const [first, last] = [positions[0], positions[count - 1]];
  const slot = area.width / count;
  const x = i => bars ? area.left + slot * (i + 0.5) : area.left + (last > first ? (positions[i] - first) / (last - first) : 0.5) * area.width;
  const y = v => area.top + area.height * (1 - (v - bottom) / (top - bottom || 1));
  const root = svg(host, 'svg', { width, height, role: 'presentation' });
  for (const tick of ticks) {
    svg(root, 'line', { x1: area.left, x2: area.left + area.width, y1: y(tick), y2: y(tick), class: 'grid' });
    svg(root, 'text', { x: area.left - 8, y: y(tick) + 4, class: 'y' }, figure.format(tick));
  }

  const room = Math.max(...data.labels.slice(0, 200).map(l => Math.min(l.length, 22))) * 6.4 + 16;
  let end = -Infinity;
  data.labels.forEach((label, i) => {
    const middle = Math.min(Math.max(x(i), area.left + (bars ? 0 : 12)), width - 24);
    if (middle - room / 2 < end) {
      return;
    }

    end = middle + room / 2;
    svg(root, 'text', { x: middle, y: height - 10, class: 'x' }, label.length > 22 ? `${label.slice(0, 21)}…` : label);
  });

  data.series.forEach((series, s) => {
    const color = `var(${series.color})`;
    if (bars) {
      const wide = Math.min(64, slot * 0.72) / data.series.length;
      series.values.forEach((value, i) => {
        if (value !== null) {
          const at = x(i) - wide * data.series.length / 2 + s * wide;
          svg(root, 'rect', { x: at, width: Math.max(1, wide - 1), y: Math.min(y(value), y(0)), height: Math.max(1, Math.abs(y(value) - y(0))), style: `fill:${color}`, rx: 1 });
        }
      });
      return;
    }

    let path = '';
    let open = false;
    series.values.forEach((value, i) => {
      if (value !== null) {
        path += `${open ? 'L' : 'M'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
        open = true;
      }
    });
    svg(root, 'path', { d: path, style: `stroke:${color}`, class: 'line', 'stroke-dasharray': series.dash > 0 ? `${series.dash} ${series.dash * 0.8}` : 'none' });
    if (series.values.filter(v => v !== null).length <= 40) {
      series.values.forEach((value, i) => value !== null && svg(root, 'circle', { cx: x(i), cy: y(value), r: 2.2, style: `fill:${color}` }));
    }
  });

  const cross = svg(root, 'line', { y1: area.top, y2: area.top + area.height, class: 'cross', visibility: 'hidden' });
  const tip = host.appendChild(document.createElement('div'));
  tip.className = 'tip';
  tip.hidden = true;
  root.addEventListener('pointerleave', () => {
    tip.hidden = true;
    cross.setAttribute('visibility', 'hidden');
  });
  root.addEventListener('pointermove', event => {
    const at = event.clientX - host.getBoundingClientRect().left;
    let near = 0;
    for (let i = 1; i < count; i++) {
      if (Math.abs(x(i) - at) < Math.abs(x(near) - at)) {
        near = i;
      }
    }

    cross.setAttribute('visibility', 'visible');
    cross.setAttribute('x1', x(near));
    cross.setAttribute('x2', x(near));
    tip.replaceChildren();
    const head = tip.appendChild(document.createElement('div'));
    head.textContent = data.labels[near];
    for (const series of data.series) {
      if (series.values[near] === null) {
        continue;
      }

      const row = tip.appendChild(document.createElement('div'));
      const swatch = row.appendChild(document.createElement('i'));
      swatch.style.background = `var(${series.color})`;
      row.appendChild(document.createElement('span')).textContent = series.name;
      row.appendChild(document.createElement('b')).textContent = figure.format(series.values[near]);
    }

    tip.hidden = false;
    const right = x(near) + 12;
    tip.style.left = `${right + tip.offsetWidth > width ? Math.max(0, x(near) - tip.offsetWidth - 12) : right}px`;
  });
}
