
const data = location.hash.slice(1) || location.search.slice(1);
const room = new URLSearchParams(data).get("room");
if (room) {
  const open = document.getElementById("open");
  open.href = "parley://" + location.host + "/join?" + (location.protocol === "https:" ? "tls=1&" : "") + data;
  document.getElementById("name").textContent = room;
  for (const part of document.querySelectorAll("[data-invite]")) part.hidden = false;
  document.getElementById("none").hidden = true;
  // What is behind the ? of an earlier kind of link was sent already.
  document.getElementById("private").hidden = location.hash === "";
  history.replaceState(null, "", "/join#" + data);
}
