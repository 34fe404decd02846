// Button that switches between the light and the dark theme.

import { iconButton } from "../dom.js";

export default function themeButton() {
  const root = document.documentElement;
  const saved = localStorage.getItem("theme");
  if (saved) root.dataset.theme = saved;
  const onclick = () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
  };
  return iconButton({ id: "theme", icon: "theme", label: "Light or dark theme", onclick });
}
