// Registry of the controls and tabs of the page.
//
// To add a control:
//   1. Write controls/NAME.js. Its default export is a function that gets the Studio (see studio.js) and returns an
//      element or an array of elements. controls/mirror.js is a button, controls/mask-overlay.js a slider.
//   2. Add "NAME" to the list of a container below. Containers are elements of index.html; lists are in page order.
//
// To add a tab to the gallery, write tabs/NAME.js and add "NAME" to TABS. The module exports `title`, and a default
// function as above.
//
// To add an expression slider, add a field to `Expression` in faces/expression.py and to `ExpressionValues` in
// studio/messages.py.
//
// A control reads studio.store.present, changes it with studio.store.change(patch), and updates itself on the store's
// "change" event. studio.onSchema and studio.onModel call it when a model is opened. studio.keys.add adds a shortcut.

export const CONTROLS = {
  "header-model": ["model-menu"],
  "header-actions": ["open-file", "open-photo", "save-menu", "theme", "help"],
  "mask-toolbar": ["undo-redo", "mirror", "zoom"],
  "image-controls": ["mask-overlay"],
  "photo-controls": ["photo-edit", "photo-overlay", "crop-photo"],
  "mode-controls": ["mode"],
  "paint-controls": ["brush", "classes"],
  "points-controls": ["reach", "expression", "points-note", "align-face"],
  "attribute-controls": ["attributes"],
  "style-controls": ["seed", "style-blend"],
};

export const TABS = ["examples", "variations", "animation", "history"];

/** Create all controls in their containers. */
export async function mountControls(studio) {
  const modules = await Promise.all(
    Object.entries(CONTROLS).map(async ([container, names]) => [container, await importAll("controls", names)]),
  );
  for (const [container, controls] of modules) {
    for (const control of controls) {
      document.getElementById(container).append(...[control.default(studio)].flat());
    }
  }
}

/** Create the panels of all tabs: [{name, title, elements}]. */
export async function createTabs(studio) {
  const modules = await importAll("tabs", TABS);
  return modules.map((tab, index) => ({ name: TABS[index], title: tab.title, elements: [tab.default(studio)].flat() }));
}

const importAll = (folder, names) => Promise.all(names.map((name) => import(`./${folder}/${name}.js`)));
