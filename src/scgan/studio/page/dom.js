// Helpers that build elements.

export const byId = (id) => document.getElementById(id);

export const readable = (name) => name.replaceAll("_", " ");

/** Create an element: element("button", { type: "button", onclick }, "text", child). */
export function element(tag, properties = {}, ...children) {
  const created = Object.assign(document.createElement(tag), properties);
  created.append(...children);
  return created;
}

/** Create an icon of icons.svg. */
export function icon(name) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  const use = document.createElementNS(namespace, "use");
  use.setAttribute("href", `icons.svg#${name}`);
  svg.append(use);
  svg.ariaHidden = "true";
  return svg;
}

/** Create a button with text. */
export function button({ icon: iconName, text, title = "", ...properties }) {
  const children = [...(iconName ? [icon(iconName)] : []), element("span", {}, text)];
  return element("button", { type: "button", title, ...properties }, ...children);
}

/** Create a button that shows an icon only. `hint` is added to the tooltip, for example its key. */
export function iconButton({ icon: iconName, label, hint = "", className = "icon", ...properties }) {
  const title = hint ? `${label} (${hint})` : label;
  return element("button", { type: "button", title, ariaLabel: label, className, ...properties }, icon(iconName));
}

/** Create a slider with a label: {label, input, output}. `output` shows the value as text. */
export function slider({ text, ...properties }) {
  const input = element("input", { type: "range", ...properties });
  const output = element("b", { className: "value" });
  const label = element("label", { className: "slider" }, element("span", {}, text, " ", output), input);
  return { label, input, output };
}

/** Create radio buttons: {fieldset, select(value)}. Options are {value, text, title, icon}; `change` gets the value. */
export function radioGroup({ name, legend, options, value, change, showLegend = false }) {
  const inputs = options.map((option) =>
    element("input", { type: "radio", name, value: option.value, checked: option.value === value }),
  );
  const labels = options.map((option, index) => {
    const children = [...(option.icon ? [icon(option.icon)] : []), option.text];
    return element("label", { title: option.title ?? "" }, inputs[index], element("span", {}, ...children));
  });
  const row = element("div", { className: "segments" }, ...labels);
  const fieldset = element("fieldset", {}, element("legend", { className: showLegend ? "" : "hidden" }, legend), row);
  for (const input of inputs) input.addEventListener("change", () => change(input.value));
  const select = (chosen) => inputs.forEach((input) => (input.checked = input.value === chosen));
  return { fieldset, inputs, select };
}

/** Download a Blob as a file. */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
