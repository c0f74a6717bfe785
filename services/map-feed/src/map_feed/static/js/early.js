// Runs before the page is painted, so that what needs scripts does not appear late.
document.documentElement.classList.add("js");
