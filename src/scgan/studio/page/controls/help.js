// Button that opens the list of shortcuts and gestures.

import { byId, iconButton } from "../dom.js";

export default function helpButton(studio) {
  const open = () => {
    byId("shortcuts").replaceChildren(studio.keys.list());
    byId("help-dialog").showModal();
  };
  studio.keys.add("?", "This list", open);
  const everywhere = byId("single-keys");
  everywhere.checked = studio.keys.everywhere;
  everywhere.addEventListener("change", () => studio.keys.setEverywhere(everywhere.checked));
  return iconButton({ id: "help", icon: "help", label: "Shortcuts and gestures", hint: "?", onclick: open });
}
