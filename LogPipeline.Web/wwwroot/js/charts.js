// Drives ApexCharts. A chart is one or more lanes over one time axis; each lane is an ApexCharts instance with a scale of its own.
// ApexCharts draws grid, bars and lines and is updated in place. Times, anomaly bands, crosshair and brush are drawn here, because
// they move with every tick and ApexCharts would have to lay out everything anew for them.
import ApexCharts from '/vendor/apexcharts/apexcharts.esm.js';

const charts = new Map();
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const steps = [1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10];

/** The smallest round top of `ticks` equal steps that holds a value. */
export function niceTop(value, ticks) {
  if (!(value > 0)) {
    return ticks;
  }

  const raw = value / ticks;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = steps.find(s => s * power >= raw * 0.9999) ?? 10;
  return step * power * ticks;
}

function number(value, unit, exact) {
  if (value === null || value === undefined) {
    return '–';
  }

  const digits = exact ? (Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2) : (Number.isInteger(value) ? 0 : value < 1 ? 2 : 1);
  const text = value.toLocaleString('en-US', { minimumFractionDigits: exact && unit === '%' ? 2 : 0, maximumFractionDigits: exact && unit === '%' ? 2 : digits });
  return unit === '%' ? `${text} %` : text;
}

const two = n => String(n).padStart(2, '0');

function clock(seconds, withSeconds) {
  const at = new Date(seconds * 1000);
  const utc = document.documentElement.dataset.utc === '1';
  const [h, m, s] = utc ? [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()] : [at.getHours(), at.getMinutes(), at.getSeconds()];
  return withSeconds ? `${two(h)}:${two(m)}:${two(s)}` : `${two(h)}:${two(m)}`;
}

function options(chart, lane) {
  const { config, data } = chart;
  const series = lane.series.map(i => config.series[i]);
  const columns = config.kind === 'columns';
  const count = data.values[0]?.length ?? 0;
  return {
    chart: {
      type: columns ? 'bar' : 'line', height: lane.height, stacked: columns, fontFamily: 'Inter, sans-serif', background: 'transparent',
      animations: { enabled: false }, toolbar: { show: false }, zoom: { enabled: false }, selection: { enabled: false }, parentHeightOffset: 0,
      redrawOnWindowResize: true, redrawOnParentResize: true, sparkline: { enabled: false },
      events: { mounted: () => place(chart), updated: () => place(chart) },
    },
    series: lane.series.map(i => ({ name: config.series[i].name, type: columns ? undefined : config.series[i].area ? 'area' : 'line', data: values(chart, i) })),
    colors: series.map(s => css(s.color)),
    stroke: columns ? { show: false, width: 0 } : { curve: 'straight', width: series.map(s => s.width ?? 1.5), dashArray: series.map(s => s.dash ?? 0), lineCap: 'butt' },
    fill: columns ? { type: 'solid', opacity: 1 } : { type: 'solid', opacity: series.map(s => s.area ? 0.12 : 1) },
    plotOptions: { bar: { columnWidth: '78%', borderRadius: 0 } },
    dataLabels: { enabled: false }, legend: { show: false }, markers: { size: 0, hover: { size: 0, sizeOffset: 0 } }, tooltip: { enabled: false },
    states: { hover: { filter: { type: 'none' } }, active: { filter: { type: 'none' } } },
    grid: {
      borderColor: css('--grid'), strokeDashArray: 0, xaxis: { lines: { show: false } }, yaxis: { lines: { show: true } },
      padding: { left: config.labelWidth + 2, right: 8, top: -20, bottom: -14 },
    },
    xaxis: {
      ...(columns ? { type: 'category' } : { type: 'numeric', min: 0, max: Math.max(1, count - 1) }),
      labels: { show: false }, axisTicks: { show: false }, axisBorder: { show: true, color: css('--border-strong') }, tooltip: { enabled: false }, crosshairs: { show: false },
    },
    yaxis: {
      min: 0, max: top => niceTop(Math.max(top, config.floor ?? 0), lane.ticks), tickAmount: lane.ticks, forceNiceScale: false,
      labels: { show: false }, axisBorder: { show: false }, axisTicks: { show: false }, crosshairs: { show: false }, tooltip: { enabled: false },
    },
    annotations: config.limit ? { yaxis: [{ y: config.limit, borderColor: css('--text-3'), strokeDashArray: 4, borderWidth: 1 }] } : {},
    noData: { text: '' },
  };
}

function values(chart, index) {
  const list = chart.data.values[index];
  return chart.config.kind === 'columns' ? list : list.map((y, x) => ({ x, y }));
}

async function build(chart) {
  for (const lane of chart.lanes) {
    lane.apex?.destroy();
    lane.apex = null;
  }

  chart.count = chart.data.values[0]?.length ?? 0;
  for (const lane of chart.lanes) {
    lane.apex = new ApexCharts(lane.drawing, options(chart, lane));
    await lane.apex.render();
    if (!charts.has(chart.id)) {
      lane.apex.destroy();
      return;
    }
  }

  place(chart);
}

/** Where the plot lies within the chart's box. */
function plot(chart) {
  const first = chart.lanes[0].apex?.w.globals;
  if (!first?.gridWidth) {
    return null;
  }

  return { left: first.translateX, width: first.gridWidth };
}

function x(chart, area, seconds) {
  const { start, step } = chart.data;
  const slots = chart.config.kind === 'columns' ? chart.count : Math.max(1, chart.count - 1);
  return area.left + Math.min(1, Math.max(0, (seconds - start) / step / slots)) * area.width;
}

function place(chart) {
  const area = plot(chart);
  if (!area || !chart.data) {
    return;
  }

  chart.lanes.forEach(lane => scale(chart, lane));
  axis(chart, area);
  bands(chart, area);
}

/** The labels of a lane's scale, at its grid lines. */
function scale(chart, lane) {
  const { gridHeight, translateY, yAxisScale } = lane.apex?.w.globals ?? {};
  const steps = yAxisScale?.[0]?.result ?? [];
  while (lane.scale.children.length > steps.length) {
    lane.scale.lastChild.remove();
  }

  const top = steps[steps.length - 1] || 1;
  steps.forEach((value, i) => {
    const label = lane.scale.children[i] ?? lane.scale.appendChild(document.createElement('span'));
    label.textContent = number(Math.round(value * 1000) / 1000, chart.config.unit, false);
    label.style.top = `${translateY + gridHeight * (1 - value / top)}px`;
  });
}

function axis(chart, area) {
  const { start, step } = chart.data;
  const end = start + step * chart.count;
  const room = Math.max(2, Math.floor(area.width / 62));
  const every = [10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600].find(e => (end - start) / e <= room) ?? 3600;
  const labels = [];
  for (let at = Math.ceil(start / every) * every; at <= end; at += every) {
    const center = chart.config.kind === 'columns' ? at : at;
    labels.push([x(chart, area, center), clock(at, every < 60)]);
  }

  const box = chart.axis;
  while (box.children.length > labels.length) {
    box.lastChild.remove();
  }

  const width = chart.host.clientWidth;
  labels.forEach(([left, text], i) => {
    const label = box.children[i] ?? box.appendChild(document.createElement('span'));
    label.textContent = text;
    label.style.left = `${Math.min(Math.max(left, 16), width - 17)}px`;
  });
}

// Bands that overlap are one band with both names: neither fills nor names lie over each other.
function joined(bands) {
  const result = [];
  for (const band of [...bands].sort((a, b) => a.start - b.start)) {
    const last = result[result.length - 1];
    if (!last || band.start >= last.end) {
      result.push({ ...band });
      continue;
    }

    const short = band.name.split(' · ')[0];
    last.end = Math.max(last.end, band.end);
    last.kinds = new Set([...(last.kinds ?? [last.name.split(' · ')[0]]), short]);
    last.name = [...last.kinds].join(' · ');
    last.text = `${last.text}\n${band.text}`;
  }

  return result;
}

function bands(chart, area) {
  const wanted = joined((chart.data.bands ?? []).filter(b => b.end > chart.data.start && b.start < chart.data.start + chart.data.step * chart.count));
  while (chart.bands.children.length > wanted.length) {
    chart.bands.lastChild.remove();
  }

  wanted.forEach((band, i) => {
    let element = chart.bands.children[i];
    if (!element) {
      element = chart.bands.appendChild(document.createElement('div'));
      element.appendChild(document.createElement('span'));
    }

    const left = x(chart, area, band.start);
    const right = x(chart, area, band.end);
    element.className = `band ${chart.config.kind === 'columns' ? 'edges' : ''}`;
    element.style.left = `${left}px`;
    element.style.width = `${Math.max(2, right - left)}px`;
    const room = (right - left - 6) / 5.8;
    const short = band.name.split(' · ')[0];
    element.firstChild.textContent = !chart.config.named ? '' : band.name.length <= room ? band.name : short.length <= room ? short : '';
    element.title = band.text;
  });
}

function indexAt(chart, area, clientX) {
  const box = chart.host.getBoundingClientRect();
  const share = (clientX - box.left - area.left) / area.width;
  if (share < -0.01 || share > 1.01 || !chart.count) {
    return -1;
  }

  return chart.config.kind === 'columns'
    ? Math.min(chart.count - 1, Math.max(0, Math.floor(share * chart.count)))
    : Math.min(chart.count - 1, Math.max(0, Math.round(share * (chart.count - 1))));
}

function secondsAt(chart, area, clientX) {
  const box = chart.host.getBoundingClientRect();
  const share = Math.min(1, Math.max(0, (clientX - box.left - area.left) / area.width));
  const slots = chart.config.kind === 'columns' ? chart.count : chart.count - 1;
  return chart.data.start + share * slots * chart.data.step;
}

/** Marks one instant on every chart, and names the values on the one under the pointer. */
function mark(seconds, origin, index) {
  for (const chart of charts.values()) {
    const area = plot(chart);
    const inside = seconds !== null && area && chart.data && seconds >= chart.data.start && seconds <= chart.data.start + chart.data.step * chart.count;
    chart.cross.hidden = !inside;
    if (inside) {
      const shift = chart.config.kind === 'columns' ? chart.data.step / 2 : 0;
      chart.cross.style.left = `${x(chart, area, seconds + shift)}px`;
    }

    if (chart !== origin || !inside) {
      chart.tip.hidden = true;
    }
  }

  if (seconds === null || !origin) {
    return;
  }

  const tip = origin.tip;
  tip.replaceChildren();
  const head = tip.appendChild(document.createElement('div'));
  head.className = 'when';
  head.append(clock(seconds, true), ' ');
  head.appendChild(document.createElement('span')).textContent = width(origin.data.step);
  for (const i of origin.config.order) {
    const series = origin.config.series[i];
    const row = tip.appendChild(document.createElement('div'));
    const swatch = row.appendChild(document.createElement('i'));
    swatch.style.background = `var(${series.color})`;
    row.appendChild(document.createElement('span')).textContent = series.name;
    const value = origin.data.values[i][index];
    const unit = origin.config.unit;
    row.appendChild(document.createElement('b')).textContent = number(value, unit, true) + (unit === 'ms' && value !== null ? ' ms' : '');
  }

  const area = plot(origin);
  const left = x(origin, area, seconds) + 12;
  tip.hidden = false;
  const overflow = left + tip.offsetWidth > origin.host.clientWidth;
  tip.style.left = `${Math.max(0, overflow ? left - tip.offsetWidth - 24 : left)}px`;
}

function width(seconds) {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function wire(chart) {
  let from = null;
  const host = chart.host;
  chart.onMove = event => {
    const area = plot(chart);
    if (!area || !chart.data) {
      return;
    }

    if (from !== null) {
      const a = Math.min(from, secondsAt(chart, area, event.clientX));
      const b = Math.max(from, secondsAt(chart, area, event.clientX));
      chart.brush.hidden = false;
      chart.brush.style.left = `${x(chart, area, a)}px`;
      chart.brush.style.width = `${x(chart, area, b) - x(chart, area, a)}px`;
      chart.brush.dataset.text = `${clock(a, true)} – ${clock(b, true)}`;
      return;
    }

    const index = indexAt(chart, area, event.clientX);
    mark(index < 0 ? null : chart.data.start + index * chart.data.step, chart, index);
  };
  chart.onDown = event => {
    const area = plot(chart);
    if (event.button === 0 && area && chart.config.brush && indexAt(chart, area, event.clientX) >= 0 && event.pointerType !== 'touch') {
      from = secondsAt(chart, area, event.clientX);
      host.setPointerCapture(event.pointerId);
      mark(null);
      event.preventDefault();
    }
  };
  chart.onUp = event => {
    if (from === null) {
      return;
    }

    const area = plot(chart);
    const to = area ? secondsAt(chart, area, event.clientX) : from;
    const step = chart.data.step;
    const begin = Math.floor(Math.min(from, to) / step) * step;
    const end = Math.ceil(Math.max(from, to) / step) * step;
    const moved = Math.abs(to - from) >= step;
    from = null;
    chart.brush.hidden = true;
    if (moved) {
      chart.dotnet?.invokeMethodAsync('OnBrush', begin, end).catch(() => { });
    }
  };
  chart.onLeave = () => {
    if (from === null) {
      mark(null);
    }
  };
  host.addEventListener('pointermove', chart.onMove);
  host.addEventListener('pointerdown', chart.onDown);
  host.addEventListener('pointerup', chart.onUp);
  host.addEventListener('pointerleave', chart.onLeave);
}

function child(parent, name) {
  const element = document.createElement('div');
  element.className = name;
  return parent.appendChild(element);
}

/** Makes a chart in an element that is laid out already. */
export async function create(id, host, config, data, dotnet) {
  dispose(id);
  host.replaceChildren();
  const chart = { id, host, config, data, dotnet, lanes: [], count: 0, chain: Promise.resolve() };
  chart.bands = child(host, 'bands');
  for (const lane of config.lanes) {
    const element = child(host, 'lane');
    element.style.height = `${lane.height}px`;
    const drawing = child(element, 'drawing');
    const scale = child(element, 'scale');
    scale.style.width = `${config.labelWidth}px`;
    chart.lanes.push({ ...lane, element, drawing, scale, apex: null });
  }

  chart.axis = child(host, 'axis');
  chart.cross = child(host, 'cross');
  chart.brush = child(host, 'brush');
  chart.tip = child(host, 'tip');
  chart.cross.hidden = chart.brush.hidden = chart.tip.hidden = true;
  charts.set(id, chart);
  wire(chart);
  await enqueue(chart, () => build(chart));
}

function enqueue(chart, work) {
  chart.chain = chart.chain.then(() => charts.get(chart.id) === chart ? work() : undefined).catch(error => console.error(error));
  return chart.chain;
}

/** Shows other values. While the page is hidden nothing is drawn; the newest values are, once it is seen again. */
export function update(id, data) {
  const chart = charts.get(id);
  if (!chart) {
    return;
  }

  chart.data = data;
  if (document.hidden) {
    chart.stale = true;
    return;
  }

  draw(chart);
}

function draw(chart) {
  chart.stale = false;
  enqueue(chart, async () => {
    if ((chart.data.values[0]?.length ?? 0) !== chart.count) {
      await build(chart);
      return;
    }

    for (const lane of chart.lanes) {
      await lane.apex?.updateSeries(lane.series.map(i => ({ name: chart.config.series[i].name, type: chart.config.kind === 'columns' ? undefined : chart.config.series[i].area ? 'area' : 'line', data: values(chart, i) })), false);
    }

    place(chart);
  });
}

export function dispose(id) {
  const chart = charts.get(id);
  if (!chart) {
    return;
  }

  charts.delete(id);
  chart.host.removeEventListener('pointermove', chart.onMove);
  chart.host.removeEventListener('pointerdown', chart.onDown);
  chart.host.removeEventListener('pointerup', chart.onUp);
  chart.host.removeEventListener('pointerleave', chart.onLeave);
  for (const lane of chart.lanes) {
    lane.apex?.destroy();
  }
}

document.addEventListener('themechange', () => charts.forEach(chart => enqueue(chart, () => build(chart))));
document.addEventListener('zonechange', () => charts.forEach(place));
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) {
    charts.forEach(chart => chart.stale && draw(chart));
  }
});
