/** What allauth's passkey scripts leave out: forms that need a script appear, and failures are said in words. */

const WORDS = {
  NotAllowedError: "Your device did not give the passkey: it was cancelled, took too long, or there is none for this site.",
  InvalidStateError: "This device has a passkey for this account already.",
  SecurityError: "Passkeys need a site with a name. On your own machine, open the desk as localhost.",
};

for (const form of document.querySelectorAll("[data-needs-script]")) form.hidden = false;

document.addEventListener("allauth.error", (event) => {
  const place = document.querySelector("[data-passkey-problem]");
  if (!place) return;
  event.preventDefault();
  place.textContent = WORDS[event.detail.exception?.name] ?? "The passkey could not be used. Please try again.";
  place.hidden = false;
});
