// Before the first paint: what needs scripts is shown.
document.documentElement.classList.add("js");
