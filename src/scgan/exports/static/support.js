// Sentence for browsers and addresses that cannot run this page. No module, so that it runs everywhere.

(() => {
  // Smallest module that uses SIMD.
  const simd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  let sentence = "";
  if (location.protocol === "file:") {
    sentence =
      "Browsers do not run this page from a file: serve the folder, for example by “python -m http.server” in it, and " +
      "open http://localhost:8000.";
  } else if (typeof WebAssembly !== "object" || !WebAssembly.validate(new Uint8Array(simd))) {
    sentence = "This browser has no WebAssembly with SIMD, which computes the images: use a newer one, or allow it.";
  } else if (typeof DecompressionStream !== "function") {
    sentence = "This browser cannot decompress the model: use a browser of 2023 or newer.";
  }
  if (!sentence) return;
  window.unsupported = sentence; // api.js reports it, too
  document.getElementById("loading").textContent = sentence;
  document.getElementById("problem-text").textContent = sentence;
  document.getElementById("problem").hidden = false;
})();
