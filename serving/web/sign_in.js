// The one script of the pages: it sends the one-time token, or ends the sign-in, as JSON to this very service.
"use strict";
const form = document.getElementById("sign-in");
const out = document.getElementById("sign-out");
const said = document.getElementById("said");

async function send(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), credentials: "same-origin",
  });
  if (answer.ok) { location.assign("/"); return; }
  const told = await answer.json();
  said.textContent = told.title + ". " + told.what_to_do;
  said.focus();
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  send("/v1/sign-in", { one_time: new FormData(form).get("one_time").trim() });
});
out?.addEventListener("click", () => send("/v1/sign-out", {}));
