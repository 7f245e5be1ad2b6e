/** The form for files: takes what is dropped on it, lists it, and says before the upload what cannot be taken. */

import { make } from "../elements.js";

const LISTED = 20;
const UNITS = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]];
const form = document.querySelector("[data-import-form]");
const input = form.querySelector("[data-files]");
const drop = form.querySelector("[data-drop]");
const chosen = form.querySelector("[data-chosen]");
const submit = form.querySelector("[type=submit]");
const most = {
  files: Number(form.dataset.mostFiles),
  bytes: Number(form.dataset.mostBytes),
  fileBytes: Number(form.dataset.mostFileBytes),
};

function inWords(bytes) {
  const [size, unit] = UNITS.find(([size]) => bytes >= size) ?? [1, "bytes"];
  return `${Number((bytes / size).toFixed(1))} ${unit}`;
}

const isTooLarge = (file) => file.size > most.fileBytes && !file.name.toLowerCase().endsWith(".zip");

/** Return in words why these files cannot be uploaded together; empty when they can. */
function refusal(files, bytes) {
  if (files.length > most.files) return `More than ${most.files} files. Pack them into several zips, or bring them in parts.`;
  if (bytes > most.bytes) return `More than ${inWords(most.bytes)} together. Bring them in parts.`;
  return "";
}

function listChosen() {
  const files = [...input.files];
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const reason = refusal(files, bytes);
  submit.disabled = reason !== "";
  if (!files.length) return chosen.replaceChildren();
  const rows = files.slice(0, LISTED).map((file) =>
    make("li", {}, `${file.name}, ${inWords(file.size)}`, isTooLarge(file) && make("strong", {}, " too large, will be refused")),
  );
  chosen.replaceChildren(
    make("p", {}, `${files.length} ${files.length === 1 ? "file" : "files"}, ${inWords(bytes)}`),
    ...(reason ? [make("p", { class: "errornote" }, reason)] : []),
    make("ul", {}, ...rows, files.length > LISTED && make("li", {}, `and ${files.length - LISTED} more`)),
  );
}

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    drop.toggleAttribute("data-over", true);
  });
}
drop.addEventListener("dragleave", (event) => {
  if (!drop.contains(event.relatedTarget)) drop.removeAttribute("data-over");
});
drop.addEventListener("drop", (event) => {
  drop.removeAttribute("data-over");
  if (!carriesFiles(event)) return;
  event.preventDefault();
  // Together with what was chosen before; a folder comes as an entry without content, and is left out.
  const together = new DataTransfer();
  const folders = [...event.dataTransfer.items].filter((item) => item.webkitGetAsEntry?.()?.isDirectory).length;
  const dropped = [...event.dataTransfer.items].filter((item) => item.kind === "file" && !item.webkitGetAsEntry?.()?.isDirectory);
  for (const file of [...input.files, ...dropped.map((item) => item.getAsFile())]) if (file) together.items.add(file);
  input.files = together.files;
  listChosen();
  if (folders) chosen.prepend(make("p", { class: "errornote" }, "Folders cannot be dropped. Pack them into a zip."));
});
input.addEventListener("change", listChosen);
form.addEventListener("submit", () => {
  submit.disabled = true;
  submit.value = "Uploading …";
});
// Coming back with the browser's button shows the form as it was left.
addEventListener("pageshow", () => {
  submit.value = "Import";
  listChosen();
});
