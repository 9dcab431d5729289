// What makes the console quicker to use. Every page works without it.
"use strict";

const token = () => document.querySelector('input[name="csrf_token"]')?.value ?? "";

async function post(url, pairs) {
  const body = new URLSearchParams(pairs);
  body.append("csrf_token", token());
  const answer = await fetch(url, { method: "POST", body, credentials: "same-origin" });
  return answer.ok ? answer.json() : null;
}

// The bell: counted after the page is shown, so that no page waits for it.
async function countBell() {
  const bell = document.querySelector("[data-count-url]");
  if (!bell) return;
  const answer = await fetch(bell.dataset.countUrl, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const { count } = await answer.json();
  const badge = bell.querySelector(".badge");
  badge.textContent = count > 99 ? "99+" : count;
  badge.hidden = !count;
}

// References: ids become the names of their records, one question per two hundred.
async function nameReferences(root) {
  const links = [...root.querySelectorAll("[data-ref]")];
  if (!links.length) return;
  const asked = [...new Set(links.map((link) => link.dataset.ref))];
  const parts = [];
  for (let first = 0; first < asked.length; first += 200) parts.push(asked.slice(first, first + 200));
  const answers = await Promise.all(parts.map((part) => post("/work/labels", part.map((ref) => ["ref", ref]))));
  const labels = Object.assign({}, ...answers.map((answer) => answer?.labels));
  for (const link of links) {
    const name = labels[link.dataset.ref];
    if (!name) continue;
    if (link.matches("input")) {
      const [text, value, was] = link.closest(".picker").querySelectorAll("input");
      // Somebody may have begun to type meanwhile.
      if (text.value === value.value) text.value = was.value = name;
    } else link.textContent = name;
  }
}

// Pickers: offers while typing; what is not picked is looked up by the server.
function enlivenPicker(picker) {
  if (!picker.dataset.options) return;
  const [text, value, was] = picker.querySelectorAll("input");
  const list = picker.querySelector(".found");
  let timer, chosen = -1;
  const show = (open) => { list.hidden = !open; chosen = -1; text.setAttribute("aria-expanded", open); text.removeAttribute("aria-activedescendant"); };
  const close = () => show(false);
  const chosen_ones = document.getElementById(picker.dataset.chosen ?? "");
  picker.hidden = false;
  const take = (item) => {
    if (chosen_ones) {
      tick(chosen_ones, item);
      text.value = "";
    } else {
      text.value = was.value = item.textContent;
      value.value = item.dataset.id;
    }
    close();
  };
  text.addEventListener("input", () => {
    if (text.value !== was.value) value.value = "";
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const answer = await post(picker.dataset.options, [["q", text.value]]);
      list.replaceChildren(...(answer?.result ?? []).map((one, index) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${index}`;
        item.textContent = one.label;
        item.dataset.id = one.id;
        item.setAttribute("role", "option");
        item.addEventListener("mousedown", (event) => { event.preventDefault(); take(item); });
        return item;
      }));
      show(list.children.length > 0);
    }, 200);
  });
  text.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "Escape") { close(); event.stopPropagation(); event.preventDefault(); }
    if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); take(list.children[chosen]); return; }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    chosen = (chosen + step + list.children.length) % list.children.length;
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", index === chosen));
    text.setAttribute("aria-activedescendant", list.children[chosen].id);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  });
  text.addEventListener("blur", close);
}

// One more record of several: a ticked box that names it, once.
function tick(chosen, item) {
  if ([...chosen.querySelectorAll("input")].some((one) => one.value === item.dataset.id)) return;
  const label = document.createElement("label");
  label.className = "check";
  const box = Object.assign(document.createElement("input"), {
    type: "checkbox", name: chosen.dataset.name, value: item.dataset.id, checked: true,
  });
  label.append(box, " ", item.textContent);
  chosen.append(label);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// User names: offered with the names of the people, asked for once, when the first such field is entered; whose it is
// stands below.
let people;
function offerPeople(input) {
  input.addEventListener("focus", () => {
    people ??= fetch(input.dataset.people, { credentials: "same-origin" }).then(async (answer) => {
      const list = document.createElement("datalist"), names = (await answer.json()).people;
      list.id = "people";
      for (const [user, name] of Object.entries(names)) list.append(new Option(name, user));
      document.body.append(list);
      return names;
    }).catch(() => { people = undefined; });
  });
  input.addEventListener("input", async () => {
    const names = await people;
    input.nextElementSibling.textContent = names?.[input.value] ?? "";
  });
}

// Choices by typing: the first letters of a word, in Chinese its text or the initials of its pinyin, or its number.
const INITIALS = [..."ABCDEFGHJKLMNOPQRSTWXYZ"];
const FIRST_OF = [..."阿八嚓哒妸发旮哈讥咔垃痳拏噢妑七呥扨它穵夕丫帀"];
const byPinyin = new Intl.Collator("zh-CN-u-co-pinyin");
function initials(text) {
  return [...text].map((sign) => {
    if (!/[一-鿿]/.test(sign)) return sign;
    return INITIALS[FIRST_OF.findLastIndex((first) => byPinyin.compare(first, sign) <= 0)] ?? sign;
  }).join("").toLowerCase();
}

// Which of several choices somebody means who types at them, key after key.
function meant(choices) {
  let typed = "", timer;
  return (key) => {
    clearTimeout(timer);
    timer = setTimeout(() => { typed = ""; }, 900);
    typed += key.toLowerCase();
    return choices.find((one) => {
      const label = one.textContent.trim().toLowerCase();
      return label.startsWith(typed) || initials(label).startsWith(typed);
    }) ?? choices[Number(typed) - 1];
  };
}

function enlivenSelect(select) {
  const found = meant([...select.options].filter((option) => option.value));
  let opened = false;
  const open = () => { opened = true; };
  const closed = () => { opened = false; };
  select.addEventListener("mousedown", open);
  select.addEventListener("change", closed);
  select.addEventListener("blur", closed);
  select.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    if (event.key === " " || event.key === "F4" || event.altKey) { open(); return; }
    if (event.key === "Enter" && !opened) { event.preventDefault(); select.form.requestSubmit(); return; }
    if (event.key === "Enter" || event.key === "Escape") closed();
    if (event.key.length !== 1) return;
    const option = found(event.key);
    if (!option) return;
    event.preventDefault();
    if (option.selected) return;
    option.selected = true;
    select.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// Yes or no by typing, as in a select.
function enlivenRadios(group) {
  const found = meant([...group.querySelectorAll("label")]);
  group.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || event.key === " ") return;
    const radio = found(event.key)?.querySelector("input");
    if (!radio) return;
    event.preventDefault();
    radio.focus();
    if (!radio.checked) radio.click();
  });
}

// Whoever opens a form begins to type: at the field that is wrong, else the first one; where the page has filled that in,
// at the first that must be and is not.
function enter(form) {
  const fields = 'input:not([type="hidden"]), select, textarea';
  const wrong = form.querySelector('[aria-invalid="true"]');
  if (wrong) { (wrong.matches(fields) ? wrong : wrong.querySelector(fields))?.focus(); return; }
  const all = [...form.querySelectorAll(fields)];
  const first = all[0]?.type === "text" && all[0].value ? all.find((one) => one.required && !one.value) : all[0];
  (first ?? all[0])?.focus();
}

// Forms of commands: a second click sends nothing (the server would not do it twice either).
function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 5000);
  });
}

// A form that was not taken stays as it was typed, with the reason above it, and can be sent again.
function refuse(form, message) {
  for (const button of form.querySelectorAll("button")) button.disabled = false;
  delete form.dataset.sent;
  form.querySelector(".unsent")?.remove();
  const note = document.createElement("p");
  note.className = "note error unsent";
  note.setAttribute("role", "alert");
  note.textContent = message;
  form.prepend(note);
  note.scrollIntoView({ block: "nearest" });
}

// Files that are too large are refused before they are sent.
function weighFiles(input) {
  input.addEventListener("change", () => {
    const most = Number(input.dataset.most);
    const files = [...input.files];
    const large = files.find((file) => file.size > most);
    const all = files.reduce((sum, file) => sum + file.size, 0);
    input.setCustomValidity(
      large ? input.dataset.tooLarge.replace("{name}", large.name) : all > most ? input.dataset.together : "",
    );
    input.reportValidity();
  });
}

// A command's form opens over the page; without script it is a page of its own.
async function openDialog(url, options) {
  const answer = await fetch(url, { credentials: "same-origin", ...options, headers: { "X-Fragment": "1" } });
  const done = answer.headers.get("X-Location");
  if (done) { location.assign(done); return; }
  const type = answer.headers.get("Content-Type") ?? "";
  const dialog = document.getElementById("dialog");
  const typed = options && dialog.querySelector("form.command");
  if (answer.redirected || !type.startsWith("text/html")) {
    // Somebody who was signed out meanwhile keeps what they typed.
    if (typed) refuse(typed, dialog.dataset.stale);
    else location.assign(answer.url);
    return;
  }
  const text = await answer.text();
  if (typed) {
    const found = new DOMParser().parseFromString(text, "text/html");
    if (!found.querySelector("form.command, [data-reveals]")) {
      refuse(typed, found.querySelector("h1 + p")?.textContent || dialog.dataset.unsent);
      return;
    }
  }
  dialog.innerHTML = text;
  enliven(dialog);
  if (!dialog.open) dialog.showModal();
  for (const closer of dialog.querySelectorAll("[data-close]")) {
    closer.addEventListener("click", (event) => { event.preventDefault(); dialog.close(); });
  }
  const form = dialog.querySelector("form");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = form.enctype === "multipart/form-data" ? new FormData(form) : new URLSearchParams(new FormData(form));
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    openDialog(form.action, { method: "POST", body }).catch(() => refuse(form, dialog.dataset.unsent));
  });
  if (form?.matches(".command")) enter(form);
}

// Advice: what the service says about a form while it is filled in, asked for when somebody pauses.
function enlivenAdvice(place) {
  const form = place.closest("form");
  let timer, last = "";
  const ask = async () => {
    const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    body.delete("command_id");
    if (body.toString() === last) return;
    last = body.toString();
    const answer = await fetch(place.dataset.advice, { method: "POST", body, credentials: "same-origin" });
    if (answer.ok && !answer.redirected && body.toString() === last) place.innerHTML = await answer.text();
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(() => ask().catch(() => {}), 400); };
  form.addEventListener("input", soon);
  form.addEventListener("focusout", soon);
  place.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-field]");
    if (!button) return;
    const field = form.elements[button.dataset.field];
    if (!field) return;
    field.value = button.dataset.value;
    field.focus();
    soon();
  });
  soon();
}

// A record that is named beside the form is put into its picker.
function pick(button) {
  const form = button.closest("form");
  const name = button.dataset.pick;
  for (const part of ["__text", "__was"]) form.elements[name + part].value = button.textContent;
  form.elements[name].value = button.dataset.value;
  form.dispatchEvent(new Event("input"));
}

// A number that was revealed: copied by a button, hidden again when its time is over or the dialog is closed.
function hideAgain(place) {
  const [value, left, copy] = ["[data-value]", "[data-left]", "[data-copy]"].map((one) => place.querySelector(one));
  const until = Date.now() + Number(place.dataset.reveals) * 1000;
  const hide = () => {
    clearInterval(timer);
    value.textContent = "";
    place.querySelector("[data-shown]").hidden = copy.hidden = true;
    place.querySelector("[data-gone]").hidden = false;
  };
  const tell = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    left.textContent = left.dataset.said.replace("{n}", seconds);
    if (seconds <= 0) hide();
  };
  const timer = setInterval(tell, 1000);
  tell();
  if (navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(value.textContent);
      copy.textContent = copy.dataset.done;
    });
  }
  place.closest("dialog")?.addEventListener("close", hide, { once: true });
  addEventListener("pagehide", hide, { once: true });
}

async function loadLater(place) {
  const answer = await fetch(place.dataset.load, { credentials: "same-origin", headers: { "X-Fragment": "1" } });
  if (!answer.ok || answer.redirected) return;
  place.innerHTML = await answer.text();
  enliven(place);
}

// What is read out when it changes stands outside of what is replaced as a whole.
function tell(part) {
  const said = document.getElementById(part.dataset.tells);
  if (said.innerHTML.trim() !== part.innerHTML.trim()) said.innerHTML = part.innerHTML.trim();
}

// A part of a page that changes by what others do: asked for anew while somebody can see it, shown where it has changed.
function keepLive(place) {
  let tag = place.dataset.tag;
  const stale = document.getElementById(place.dataset.stale);
  const ask = async () => {
    if (document.hidden) return;
    const headers = { "If-None-Match": `"${tag}"`, "X-Fragment": "1" };
    const answer = await fetch(place.dataset.live, { credentials: "same-origin", cache: "no-store", headers });
    if (answer.redirected) { location.reload(); return; }
    stale.hidden = answer.ok || answer.status === 304;
    if (!answer.ok) return;
    tag = (answer.headers.get("ETag") ?? "").replaceAll('"', "");
    const focused = document.activeElement?.id;
    place.innerHTML = await answer.text();
    place.querySelectorAll("template[data-tells]").forEach(tell);
    enliven(place);
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
  };
  const again = () => ask().catch(() => { stale.hidden = false; });
  setInterval(again, 4000);
  document.addEventListener("visibilitychange", again);
}

// What goes on meanwhile: asked for again until nothing goes on any longer, and then the whole page. A service that is away
// is asked less often; a page that is not there, or no longer for this person, is not asked again.
function follow(place) {
  const later = (pause) => setTimeout(() => again().catch(() => later(5000)), pause);
  const again = async () => {
    const answer = await fetch(place.dataset.follow, { credentials: "same-origin", headers: { "X-Fragment": "1" } });
    if (answer.redirected || answer.headers.get("X-Settled")) { location.reload(); return; }
    if (answer.ok) place.innerHTML = await answer.text();
    if (answer.ok || answer.status >= 500) later(answer.ok ? 1500 : 15000);
  };
  later(1000);
}

function enliven(root) {
  root.querySelectorAll(".picker").forEach(enlivenPicker);
  root.querySelectorAll("[data-pick]").forEach((button) => button.addEventListener("click", () => pick(button)));
  root.querySelectorAll("[data-advice]").forEach(enlivenAdvice);
  root.querySelectorAll("input[data-most]").forEach(weighFiles);
  root.querySelectorAll("[data-people]").forEach(offerPeople);
  root.querySelectorAll("form[data-once]").forEach(sendOnce);
  root.querySelectorAll("form.command select").forEach(enlivenSelect);
  root.querySelectorAll("[data-radios]").forEach(enlivenRadios);
  root.querySelectorAll("a[data-dialog]").forEach((link) => link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openDialog(link.href).catch(() => location.assign(link.href));
  }));
  root.querySelectorAll("[data-reveals]").forEach(hideAgain);
  root.querySelectorAll("[data-live]").forEach(keepLive);
  root.querySelectorAll("[data-follow]").forEach(follow);
  root.querySelectorAll("[data-load]").forEach((place) => loadLater(place).catch(() => {}));
  root.querySelectorAll("[data-all]").forEach((all) => all.addEventListener("change", () => {
    for (const box of document.querySelectorAll(`input[name="id"][form="${all.dataset.all}"]`)) box.checked = all.checked;
  }));
  nameReferences(root).catch(() => {});
}

// One open menu at a time, closed by a click elsewhere or Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.pop[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.closest("form.command")?.requestSubmit();
  if (event.key === "Escape") document.querySelectorAll("details.pop[open]").forEach((menu) => { menu.open = false; });
});

// What a page is there for has a key of its own, with Alt: a letter alone may be part of what somebody dictates.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, dialog");
  if (typing || !event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.code)}"]`);
  if (wanted) { event.preventDefault(); wanted.click(); }
});

document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest" });
enliven(document);
document.querySelectorAll(".form-card form.command").forEach(enter);
countBell().catch(() => {});
