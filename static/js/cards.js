// The code for a visitor's own card on the desk's page: closed when it is not needed any more.

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close-code]")) return;
  document.getElementById("card-code").replaceChildren();
  document.getElementById("find").focus();
});
