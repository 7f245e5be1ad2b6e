/** The page of an import: asks every second what became of the files, until all are read. */

const PERIOD = 1000; // milliseconds
const AFTER_FAILURE = 4000;
const view = document.getElementById("import");
const end = document.querySelector("[data-end]");

/** Put `fresh` where the element with its id stands, unless they are the same: a focused link stays focused. */
function update(fresh) {
  const present = document.getElementById(fresh.id);
  if (!present) view.querySelector("tbody").append(fresh);
  else if (!present.isEqualNode(fresh)) present.replaceWith(fresh);
}

function show(fresh) {
  for (const id of ["import-head", "import-kinds", "import-pages"]) update(fresh.querySelector(`#${id}`));
  const rows = [...fresh.querySelectorAll("tbody tr[id]")];
  const listed = new Set(rows.map((row) => row.id));
  // With only one outcome listed, a file leaves the list when it gets another.
  for (const row of [...view.querySelectorAll("tbody tr")]) if (!listed.has(row.id)) row.remove();
  rows.forEach(update);
}

async function ask() {
  const response = await fetch(view.dataset.url + location.search, { cache: "no-store", redirect: "error" });
  if (!response.ok) throw Object.assign(new Error(`status ${response.status}`), { final: response.status < 500 });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.getElementById("import");
}

async function follow() {
  for (;;) {
    let pause = PERIOD;
    try {
      const fresh = await ask();
      const isDone = !("running" in fresh.dataset);
      show(fresh);
      // For those who listen; to the eye the list's head says it.
      end.classList.toggle("visually-hidden", isDone);
      end.textContent = isDone ? "The import is done." : "";
      if (isDone) return;
    } catch (error) {
      end.classList.remove("visually-hidden");
      end.textContent = "The page could not be brought up to date. Reload it.";
      if (error.final) return;
      pause = AFTER_FAILURE;
    }
    await new Promise((resume) => setTimeout(resume, pause));
  }
}

if (view && "running" in view.dataset) follow();
