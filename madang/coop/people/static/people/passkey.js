// Shows what a browser can do with passkeys, says in words what went wrong, and tells the door the time zone.
document.addEventListener("DOMContentLoaded", () => {
  const able = Boolean(window.PublicKeyCredential && window.isSecureContext);
  document.querySelectorAll("[data-passkey]").forEach((part) => { part.hidden = !able; });
  document.querySelectorAll("[data-no-passkey]").forEach((part) => { part.hidden = able; });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  document.querySelectorAll("[data-time-zone]").forEach((field) => { if (zone) field.value = zone; });
});
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelectorAll("[data-passkey-problem]").forEach((part) => { part.hidden = false; });
});
