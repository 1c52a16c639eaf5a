const API = "/api/v1";

async function showNotes(token) {
  const answer = await fetch(`${API}/notes/`, { headers: { Authorization: `Bearer ${token}` } });
  const { data } = await answer.json();
  const list = document.querySelector("#notes");
  list.replaceChildren(
    ...data.map((note) => Object.assign(document.createElement("li"), { textContent: note.title })),
  );
}

document.querySelector("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch(`${API}/login/access-token`, {
    method: "POST",
    body: new URLSearchParams(new FormData(event.target)),
  });
  if (answer.ok) await showNotes((await answer.json()).access_token);
});
