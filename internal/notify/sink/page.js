// Shows new messages by themselves: the page is loaded again when one came,
// with the newest one open, unless an older one is being read.
"use strict";
const last = Number(document.body.dataset.last);
async function look() {
  try {
    const answer = await fetch("/messages.json?after=" + last);
    if (answer.ok && (await answer.json()).length > 0) {
      location.reload();
      return;
    }
  } catch {
    // The sink is gone or starting again.
  }
  setTimeout(look, 2000);
}
setTimeout(look, 2000);
