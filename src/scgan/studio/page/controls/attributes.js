// Attributes: a switch and a slider for each, and a menu for attributes that exclude each other.

import { byId, element, readable } from "../dom.js";

export default function attributeControls(studio) {
  const { store } = studio;
  const container = element("div", { id: "attributes" });
  const text = "None is chosen: the image shows what has none of these attributes, which may be rare.";
  const note = element("p", { className: "quiet", id: "no-attributes", hidden: true }, text);
  let rows = [];

  const set = (values, isFinal) => {
    store.preview({ attributes: { ...store.present.attributes, ...values } });
    if (isFinal) store.commit();
  };
  studio.onSchema((schema) => {
    const grouped = new Set(schema.attribute_groups.flat());
    const single = schema.attribute_names.filter((name) => !grouped.has(name));
    rows = [
      ...single.map((name) => switchRow(name, set)),
      ...schema.attribute_groups.map((group) => groupRow(group, set)),
    ];
    byId("attributes-section").hidden = !rows.length;
    container.replaceChildren(...rows.map((row) => row.element), note);
  });
  store.addEventListener("change", () => {
    const { attributes } = store.present;
    rows.forEach((row) => row.show(attributes));
    note.hidden = Object.values(attributes).some((value) => value > 0);
  });
  return container;
}

function valueSlider(label, set) {
  const input = element("input", { type: "range", min: 0, max: 1, step: 0.01, ariaLabel: label });
  input.addEventListener("input", () => set(Number(input.value), false));
  input.addEventListener("change", () => set(Number(input.value), true));
  return input;
}

/** Create the row of one attribute: {element, show(attributes)}. */
function switchRow(name, set) {
  const toggle = element("input", { type: "checkbox", name, role: "switch" });
  toggle.addEventListener("change", () => set({ [name]: toggle.checked ? 1 : 0 }, true));
  const label = element("label", { className: "switch" }, toggle, element("span", {}, readable(name)));
  const output = element("output");
  const range = valueSlider(`${readable(name)}: strength`, (value, isFinal) => set({ [name]: value }, isFinal));
  return {
    element: element("div", { className: "attribute" }, label, output, range),
    show(attributes) {
      const value = attributes[name] ?? 0;
      toggle.checked = value >= 0.5;
      range.value = value;
      output.textContent = value > 0 && value < 1 ? `${Math.round(100 * value)} %` : "";
    },
  };
}

/** Create the row of attributes that exclude each other, with a second one to mix in: {element, show(attributes)}. */
function groupRow(group, set) {
  const title = readable(groupName(group));
  const first = menu(title, "none", group);
  const second = menu(`${title}, mixed with`, "—", group);
  let mix = 0; // weight of the second attribute

  const values = () => {
    const chosen = Object.fromEntries(group.map((name) => [name, 0]));
    const isMixed = second.value && second.value !== first.value;
    if (first.value) chosen[first.value] = isMixed ? 1 - mix : 1;
    if (isMixed) chosen[second.value] = mix;
    return chosen;
  };
  const range = valueSlider(`${title}: strength of the second`, (value, isFinal) => {
    mix = value;
    set(values(), isFinal);
  });
  const mixLabel = element("label", { className: "slider" }, range);
  first.addEventListener("change", () => set(values(), true));
  second.addEventListener("change", () => {
    mix = second.value ? 0.5 : 0;
    set(values(), true);
  });
  const show = (attributes) => {
    // Keep menus that match the attributes: at the ends of the slider one of the two attributes is 0.
    const current = values();
    if (group.some((name) => (attributes[name] ?? 0) !== current[name])) {
      const active = group.filter((name) => attributes[name] > 0);
      if (active.length === 1 && attributes[active[0]] < 1) active.unshift(""); // mixed with "none"
      [first.value, second.value] = [active[0] ?? "", active[1] ?? ""];
    }
    mix = second.value ? (attributes[second.value] ?? 0) : 0;
    range.value = mix;
    mixLabel.hidden = !second.value;
  };
  const heading = element("h3", { className: "name" }, title);
  const menus = [first, second].map((select) => element("label", {}, select));
  return { element: element("div", { className: "choice" }, heading, ...menus, mixLabel), show };
}

function menu(label, emptyText, group) {
  const options = group.map((name) => element("option", { value: name }, valueName(name)));
  return element("select", { ariaLabel: label }, element("option", { value: "" }, emptyText), ...options);
}

/** "color=red" in the group "color" is shown as "red" under the heading "color". */
function groupName(group) {
  const [first, ...others] = group.map((name) => name.split("=")[0]);
  return others.every((name) => name === first) && group[0].includes("=") ? first : "One of";
}

const valueName = (name) => readable(name.includes("=") ? name.slice(name.indexOf("=") + 1) : name);
