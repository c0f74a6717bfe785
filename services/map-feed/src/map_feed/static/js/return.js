// Where one was in the list, so that who comes back from an event finds the page as it was left.

history.scrollRestoration = "manual"; // the list may have to grow first

export const kept = () => history.state ?? {};
/** Keeps something with this entry of the history. */
export const keep = (what) => history.replaceState({ ...history.state, ...what }, "");

let waiting;
addEventListener("scroll", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => keep({ top: scrollY }), 300);
}, { passive: true });
addEventListener("pagehide", () => { clearTimeout(waiting); keep({ top: scrollY }); });
