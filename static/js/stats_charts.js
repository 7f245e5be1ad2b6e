/** The live figures' graphs; the table at the page's end says the same. */

import uPlot from "../npm/uplot/uPlot.esm.js";

const HEIGHT = 180;
const CHARTS = {
  answers: [
    { label: "Answers", key: "answers", colour: "--chart-3" },
    { label: "Failures", key: "failed", colour: "--chart-2", dash: [6, 4] },
  ],
  waits: [
    { label: "50 % within", key: "first_token_p50", colour: "--chart-1" },
    { label: "95 % within", key: "first_token_p95", colour: "--chart-4", dash: [6, 4] },
  ],
};

const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const minutes = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const number = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });

/** Draw the graphs; return what shows newer steps in them. */
export function drawCharts(root, steps) {
  root.querySelector("[data-charts]").hidden = false;
  const colour = colours(root);
  const plots = Object.entries(CHARTS).map(([name, lines]) => {
    const place = root.querySelector(`[data-chart="${name}"]`);
    const plot = new uPlot(options(lines, place, colour), points(lines, steps), place);
    new ResizeObserver(() => {
      if (place.clientWidth) plot.setSize({ width: place.clientWidth, height: HEIGHT });
    }).observe(place);
    return { plot, lines };
  });
  const redraw = () => plots.forEach(({ plot }) => plot.redraw());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return { show: (newer) => plots.forEach(({ plot, lines }) => plot.setData(points(lines, newer))) };
}

/** Return what reads a colour of the page's theme as a canvas takes it: no variable, no pair for two themes. */
function colours(root) {
  const probe = document.createElement("span");
  probe.hidden = true;
  root.append(probe);
  return (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
}

function points(lines, steps) {
  return [steps.map(({ at }) => at), ...lines.map(({ key }) => steps.map((step) => step[key]))];
}

function options(lines, place, colour) {
  const axis = (more) => ({
    stroke: () => colour("--chart-text"),
    grid: { stroke: () => colour("--chart-line"), width: 1 },
    ticks: { stroke: () => colour("--chart-line"), width: 1 },
    ...more,
  });
  return {
    width: place.clientWidth,
    height: HEIGHT,
    scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.05 : 1] } },
    axes: [
      axis({ values: (_, marks) => marks.map((at) => minutes.format(at * 1000)), space: 60 }),
      axis({ values: (_, marks) => marks.map((mark) => number.format(mark)), size: 55 }),
    ],
    series: [
      { label: "Until", value: (_, at) => (at == null ? "–" : clock.format(at * 1000)) },
      ...lines.map((line) => ({
        label: line.label,
        stroke: () => colour(line.colour),
        width: 2,
        dash: line.dash,
        points: { size: 5 },
        value: (_, value) => (value == null ? "–" : number.format(value)),
      })),
    ],
  };
}
