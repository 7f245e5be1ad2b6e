/** What every page does: switch the theme without a reload, and forget drafts when somebody signs out. */

import { forgetAll, forgetConversation } from "./drafts.js";

const YEAR_SECONDS = 31_536_000;

for (const form of document.querySelectorAll("[data-theme-form]")) {
  form.addEventListener("submit", (event) => {
    const theme = event.submitter?.value;
    if (!theme) return;
    event.preventDefault();
    document.documentElement.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
    for (const choice of form.elements) if (choice.name === "theme") choice.ariaPressed = String(choice.value === theme);
  });
}

for (const form of document.querySelectorAll("[data-sign-out]")) form.addEventListener("submit", () => forgetAll());
for (const form of document.querySelectorAll("[data-forget]")) {
  form.addEventListener("submit", () => forgetConversation(form.dataset.forget));
}
