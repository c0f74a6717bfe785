// The form of an event: keeps what is written, says what is wrong beside its field, and stays signed in meanwhile.
const NEXT_TOKEN_MS = 5 * 60 * 1000; // an access token lives a quarter of an hour
const AGAIN_MS = 10 * 1000;
let next;
const form = document.querySelector("#formulaire");
const state = document.querySelector("#etat");

const goOn = () => fetch("/connexion/suite", { method: "POST", credentials: "same-origin" });

// what is being kept changes the version: sent before the answer is here, the form would be in conflict with itself
form.addEventListener("submit", (event) => {
  if (!form.classList.contains("htmx-request")) return;
  event.preventDefault();
  form.addEventListener("htmx:afterRequest", () => form.requestSubmit(event.submitter), { once: true });
});

function mark() {
  for (const fault of document.querySelectorAll(".fault[id]")) {
    const wrong = fault.textContent.trim() !== "";
    for (const control of document.querySelectorAll(`[aria-describedby~="${fault.id}"]`)) {
      if (wrong) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }
}

document.addEventListener("htmx:afterSettle", mark);
document.addEventListener("htmx:responseError", async ({ detail }) => {
  if (detail.xhr.status !== 401) return tryAgain("Ce que vous venez d’écrire n’est pas encore enregistré. Nous réessayons dans un instant.");
  const answer = await goOn();
  if (answer.ok) htmx.trigger(form, "enregistrer");
  else say("Votre connexion a expiré. Enregistrez avec le bouton : vous pourrez vous reconnecter sans rien perdre.");
});
document.addEventListener("htmx:sendError", () => tryAgain("Le réseau ne répond pas : ce que vous venez d’écrire n’est pas encore enregistré. Nous réessayons."));

function tryAgain(words) {
  say(words);
  clearTimeout(next);
  next = setTimeout(() => htmx.trigger(form, "enregistrer"), AGAIN_MS);
}

function say(words) {
  state.textContent = words;
}

setInterval(() => {
  if (document.visibilityState === "visible") goOn();
}, NEXT_TOKEN_MS);
