// The door of a demo: a press on a login fills the form, one more press signs in.
document.addEventListener("click", (event) => {
  const login = event.target.closest?.("[data-fill-email]");
  if (!login) return;
  const form = document.querySelector("main form");
  form.querySelector("[autocomplete=username], [type=email], [name=email], [name=username], [name=login]").value = login.dataset.fillEmail;
  form.querySelector("[type=password]").value = login.dataset.fillPassword;
  form.querySelector("[type=submit]").focus();
});
