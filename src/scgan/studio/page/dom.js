// Small helpers for the page's elements.

export const byId = (id) => document.getElementById(id);

/** Make an element: element("button", { type: "button", onclick }, "text", child). */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function checked(name) {
  return document.querySelector(`input[name="${name}"]:checked`)?.value;
}

export function check(name, value) {
  const input = document.querySelector(`input[name="${name}"][value="${value}"]`);
  if (input && !input.checked) {
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

/** A slider with its name: returns {label, input}. */
export function slider(name, minimum, maximum, step) {
  const input = element("input", { type: "range", min: minimum, max: maximum, step });
  return { label: element("label", { className: "slider" }, element("span", {}, name), input), input };
}

/** Offer a Blob to the person as a file. */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export const readable = (name) => name.replaceAll("_", " ");
