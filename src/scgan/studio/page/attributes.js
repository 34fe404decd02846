// Attributes: a switch for each, a choice where they exclude each other, and values in between.

import { byId, element, readable } from "./dom.js";

/** "color=red" in the group of "color" is shown as "red" under the heading "color". */
function groupName(group) {
  const [first, ...others] = group.map((name) => name.split("=")[0]);
  return others.every((name) => name === first) && group[0].includes("=") ? first : "One of";
}

const valueName = (name) => readable(name.includes("=") ? name.slice(name.indexOf("=") + 1) : name);

export class Attributes {
  #store;
  #rows = [];

  constructor(store) {
    this.#store = store;
    store.addEventListener("change", () => this.#rows.forEach((row) => row.show(store.present.attributes)));
  }

  open(schema) {
    const grouped = new Set(schema.attribute_groups.flat());
    const single = schema.attribute_names.filter((name) => !grouped.has(name));
    this.#rows = [
      ...single.map((name) => this.#switch(name)),
      ...schema.attribute_groups.map((group) => this.#choice(group)),
    ];
    byId("attributes-part").hidden = !this.#rows.length;
    byId("attributes").replaceChildren(...this.#rows.map((row) => row.element));
  }

  #set(values, isFinal) {
    const attributes = { ...this.#store.present.attributes, ...values };
    this.#store.preview({ attributes });
    if (isFinal) this.#store.commit();
  }

  #range(title, act) {
    const input = element("input", { type: "range", min: 0, max: 1, step: 0.01, ariaLabel: title });
    input.addEventListener("input", () => act(Number(input.value), false));
    input.addEventListener("change", () => act(Number(input.value), true));
    return input;
  }

  #switch(name) {
    const toggle = element("input", { type: "checkbox", name });
    toggle.setAttribute("role", "switch");
    const output = element("output");
    const range = this.#range(`How much ${readable(name)}`, (share, isFinal) => this.#set({ [name]: share }, isFinal));
    toggle.addEventListener("change", () => this.#set({ [name]: toggle.checked ? 1 : 0 }, true));
    const label = element("label", { className: "switch" }, toggle, element("span", {}, readable(name)));
    return {
      element: element("div", { className: "attribute" }, label, output, range),
      show(attributes) {
        const share = attributes[name] ?? 0;
        toggle.checked = share >= 0.5;
        range.value = share;
        output.textContent = share > 0 && share < 1 ? `${Math.round(100 * share)} %` : "";
      },
    };
  }

  #choice(group) {
    const options = () => group.map((name) => element("option", { value: name }, valueName(name)));
    const title = readable(groupName(group));
    const first = element("select", { ariaLabel: title }, element("option", { value: "" }, "none"), ...options());
    const second = element("select", { ariaLabel: `${title}, mixed with` });
    second.append(element("option", { value: "" }, "—"), ...options());
    const none = Object.fromEntries(group.map((name) => [name, 0]));
    let share = 0;

    const chosen = () => {
      const values = { ...none };
      const mixed = second.value && second.value !== first.value;
      if (first.value) values[first.value] = mixed ? 1 - share : 1;
      if (mixed) values[second.value] = share;
      return values;
    };
    const apply = (isFinal) => this.#set(chosen(), isFinal);
    const range = this.#range(`${title}: how much of the second`, (value, isFinal) => {
      share = value;
      apply(isFinal);
    });
    const mix = element("label", { className: "slider" }, range);
    first.addEventListener("change", () => apply(true));
    second.addEventListener("change", () => {
      share = second.value ? 0.5 : 0;
      apply(true);
    });
    return {
      element: element(
        "div",
        { className: "choice" },
        element("h3", { className: "name" }, title),
        element("label", {}, first),
        element("label", {}, second),
        mix,
      ),
      show(attributes) {
        // Choices that say what is there stay: at the ends of the slider one of the two has the value 0.
        const values = chosen();
        if (group.some((name) => (attributes[name] ?? 0) !== values[name])) {
          const set = group.filter((name) => attributes[name] > 0);
          if (set.length === 1 && attributes[set[0]] < 1) set.unshift(""); // "none" mixed with it
          [first.value, second.value] = [set[0] ?? "", set[1] ?? ""];
        }
        share = second.value ? (attributes[second.value] ?? 0) : 0;
        range.value = share;
        mix.hidden = !second.value;
      },
    };
  }
}
