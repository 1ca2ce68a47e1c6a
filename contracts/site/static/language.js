// Which language the page shows: the one chosen before, else that of the browser. Runs before the page is drawn.
(() => {
  const root = document.documentElement;
  const kept = (() => { try { return localStorage.getItem("language"); } catch { return null; } })();
  const show = (language) => {
    root.dataset.language = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
  };
  show(kept === "en" || kept === "zh" ? kept : navigator.language.startsWith("zh") ? "zh" : "en");
  addEventListener("DOMContentLoaded", () => {
    document.getElementById("language").addEventListener("click", () => {
      show(root.dataset.language === "zh" ? "en" : "zh");
      try { localStorage.setItem("language", root.dataset.language); } catch { /* kept for this page only */ }
    });
  });
})();
