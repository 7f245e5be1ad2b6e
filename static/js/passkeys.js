/** What allauth's passkey scripts leave out: forms that need a script appear, and failures are said in words. */

import { knows, say } from "./words.js";

for (const form of document.querySelectorAll("[data-needs-script]")) form.hidden = false;

document.addEventListener("allauth.error", (event) => {
  const place = document.querySelector("[data-passkey-problem]");
  if (!place) return;
  event.preventDefault();
  const key = `passkey.${event.detail.exception?.name}`;
  place.textContent = say(knows(key) ? key : "passkey.failed");
  place.hidden = false;
});
