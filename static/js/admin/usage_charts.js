/** Draws the charts of the spending page. The tables below them say the same. */

import uPlot from "../../npm/uplot/uPlot.esm.js";

const data = JSON.parse(document.getElementById("usage-charts-data")?.textContent ?? "null");
const HEIGHT = 220;
const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3], [1, 4], [12, 6]];

const probe = document.createElement("span");
probe.hidden = true;
document.querySelector(".usage-charts")?.append(probe);

/** Return a colour of the page's theme as a canvas takes it: no variable, no pair for light and dark. */
function colour(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

/** Return days as seconds, at noon: no clock change moves them to a neighbour. */
const days = data?.days.map((day) => Date.parse(`${day}T12:00:00Z`) / 1000) ?? [];

function axis(format) {
  return {
    stroke: () => colour("--chart-text"),
    grid: { stroke: () => colour("--chart-line"), width: 1 },
    ticks: { stroke: () => colour("--chart-line"), width: 1 },
    ...format,
  };
}

const shortDay = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC" });
const number = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });

function series({ label }, index) {
  return {
    label,
    stroke: () => colour(`--chart-${(index % 6) + 1}`),
    width: 2,
    dash: DASHES[index % DASHES.length],
    points: { size: 5 },
    value: (_, value) => (value == null ? "–" : number.format(value)),
  };
}

function draw(chart) {
  const place = document.querySelector(`[data-chart="${chart.id}"]`);
  if (!place || !chart.series.length) {
    place?.closest("figure").remove();
    return null;
  }
  const options = {
    width: place.clientWidth,
    height: HEIGHT,
    scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.05 : 1] } },
    axes: [
      axis({ values: (_, marks) => marks.map((at) => shortDay.format(at * 1000)), space: 60 }),
      axis({ values: (_, marks) => marks.map((mark) => number.format(mark)), size: 60 }),
    ],
    series: [
      { value: (_, at) => (at == null ? "–" : shortDay.format(at * 1000)), label: "Day" },
      ...chart.series.map(series),
    ],
  };
  const plot = new uPlot(options, [days, ...chart.series.map(({ values }) => values)], place);
  new ResizeObserver(() => {
    if (place.clientWidth) plot.setSize({ width: place.clientWidth, height: HEIGHT });
  }).observe(place);
  return plot;
}

const plots = (data?.charts ?? []).map(draw).filter(Boolean);
const redraw = () => plots.forEach((plot) => plot.redraw());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
