/** The live figures' page: follows the stream and shows what it tells. */

import { Figures } from "./stats_figures.js";
import { Follower } from "./stats_stream.js";
import { drawCharts } from "./stats_charts.js";

const root = document.querySelector("[data-stream]");
const figures = new Figures(root);
const charts = drawCharts(root, JSON.parse(document.getElementById("stats-steps").textContent));

const follower = new Follower({
  url: root.dataset.stream,
  page: root.dataset.page,
  onFigures: (told) => {
    figures.show(told);
    charts.show(told.recent.steps);
  },
  onState: (state) => figures.say(state),
});

const pause = root.querySelector("[data-pause]");
pause.hidden = false;
root.querySelector("[data-reload]").hidden = true;
pause.addEventListener("click", () => {
  if (follower.isPaused) follower.start();
  else follower.pause();
  pause.textContent = follower.isPaused ? "Go on" : "Pause";
});
// A page that nobody sees asks for nothing; the browser keeps one that is come back to as it was left.
document.addEventListener("visibilitychange", () => follower.setSeen(!document.hidden));
addEventListener("pageshow", (event) => event.persisted && follower.setSeen(true));
addEventListener("pagehide", () => follower.setSeen(false));
follower.start();
