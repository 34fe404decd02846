// Button that switches between the light and the dark theme.

import { iconButton } from "../dom.js";

export default function themeButton() {
  const root = document.documentElement;
  const saved = localStorage.getItem("theme");
  if (saved) root.dataset.theme = saved;
  const onclick = () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
  };
  return iconButton({ id: "theme", icon: "theme", label: "Light or dark theme", onclick });
}
