// Search as you type. The index, a script so that it also loads from a file, comes with the first key: { lists, entries }.
// An entry: [title, page, what it says, other words, names of fields, lists]; `lists` holds the words of each list once.
(() => {
  const SHOWN = 30;
  const root = document.documentElement.dataset.root;
  const box = document.getElementById("search");
  const results = document.getElementById("results");
  const count = document.getElementById("search-count");
  let index = null, chosen = -1;

  function load() {
    if (index || document.getElementById("search-index")) return;
    const script = document.createElement("script");
    script.id = "search-index";
    script.src = `${root}/search-index.js`;
    script.onload = () => { index = window.searchIndex; look(); };
    document.head.append(script);
  }

  // How well a word fits an entry: by its title, what it says, its fields, its other words, the words of its lists; 0 if it does not.
  function fit(entry, word) {
    const [title, , says, words, fields, lists] = entry;
    if (title === word) return 100;
    if (title.startsWith(word)) return 80;
    if (says.startsWith(word)) return 70;
    if (title.includes(word)) return 60;
    if (fields.includes(` ${word} `)) return 50;
    if (says.includes(word)) return 40;
    if (fields.includes(` ${word}`)) return 30;
    if (words.includes(word)) return 20;
    if (fields.includes(word)) return 10;
    return lists.some((each) => index.lists[each].includes(word)) ? 5 : 0;
  }

  function found(query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const fits = index.entries.map((entry) => {
      const plain = entry.plain ??= entry.map((each) => (typeof each === "string" ? each.toLowerCase() : each));
      const each = words.map((word) => fit(plain, word));
      return [each.every(Boolean) ? each.reduce((sum, one) => sum + one, 0) : 0, entry];
    });
    return fits.filter(([points]) => points).sort((one, other) => other[0] - one[0]).map(([, entry]) => entry);
  }

  function look() {
    if (!index) return load();
    const query = box.value.trim(), all = found(query);
    results.replaceChildren(...all.slice(0, SHOWN).map(row));
    if (query && !all.length) results.append(Object.assign(document.createElement("li"), { textContent: results.dataset.none }));
    count.textContent = query ? (all.length ? `${all.length} ${results.dataset.found}` : results.dataset.none) : "";
    show(Boolean(query));
    choose(all.length ? 0 : -1);
  }

  function row([title, page, says], at) {
    const line = document.createElement("li");
    line.id = `result-${at}`;
    line.setAttribute("role", "option");
    line.dataset.page = page;
    for (const [kind, text] of [["title", title], ["said", says]]) {
      line.append(Object.assign(document.createElement("span"), { className: kind, textContent: text }));
    }
    line.addEventListener("click", () => open(line));
    return line;
  }

  function show(open) {
    results.hidden = !open;
    box.setAttribute("aria-expanded", String(open));
  }

  function choose(at) {
    const lines = [...results.querySelectorAll("[role=option]")];
    chosen = lines.length ? (at + lines.length) % lines.length : -1;
    lines.forEach((line, each) => line.setAttribute("aria-selected", String(each === chosen)));
    if (chosen < 0) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", lines[chosen].id);
    lines[chosen].scrollIntoView({ block: "nearest" });
  }

  function open(line) {
    if (line) location.href = `${root}/${line.dataset.page}`;
  }

  box.addEventListener("focus", load);
  box.addEventListener("input", look);
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") open(results.querySelectorAll("[role=option]")[chosen]);
    else if (event.key === "Escape") show(false);
    else return;
    event.preventDefault();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName)) { event.preventDefault(); box.focus(); }
  });
  addEventListener("click", (event) => { if (!event.target.closest(".find")) show(false); });
})();
