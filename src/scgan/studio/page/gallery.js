// Gallery below the mask and the image: tabs, and the cards that they show.

import { byId, element } from "./dom.js";

/** Create the tabs: [{name, title, elements}]. */
export function mountTabs(panels) {
  const tabs = panels.map(({ name, title }) => {
    const tab = element("button", { type: "button", role: "tab", id: `tab-${name}` }, title);
    tab.setAttribute("aria-controls", name);
    return tab;
  });
  const select = (selected) => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", tab === selected);
      tab.tabIndex = tab === selected ? 0 : -1;
      byId(tab.getAttribute("aria-controls")).hidden = tab !== selected;
    }
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => select(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      select(next);
      next.focus();
    });
  });
  byId("tabs").append(...tabs);
  for (const { name, elements } of panels) {
    const panel = element("div", { id: name, role: "tabpanel" }, ...elements);
    panel.setAttribute("aria-labelledby", `tab-${name}`);
    byId("gallery").append(panel);
  }
  select(tabs[0]);
}

export const selectTab = (name) => byId(`tab-${name}`).click();

/** Create an empty strip of cards with the text that it shows while it is empty. */
export function strip(id, placeholder) {
  const list = element("ul", { className: "strip", id });
  list.dataset.empty = placeholder;
  return list;
}

/** Create a card: a button with an image, in a list item. */
export function card({ image, title, caption = "", click }) {
  const button = element("button", { type: "button", title, ariaLabel: title }, image);
  if (caption) button.append(element("small", {}, caption));
  button.addEventListener("click", click);
  return element("li", {}, button);
}
