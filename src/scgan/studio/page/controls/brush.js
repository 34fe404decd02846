// Paint tool: brush, fill or eyedropper, and the size of the brush.

import { radioGroup, slider } from "../dom.js";

export default function brushControls({ paintTool }) {
  const group = radioGroup({
    name: "tool",
    legend: "Tool",
    value: "brush",
    options: [
      { value: "brush", text: "Brush", icon: "brush", title: "Brush (B)" },
      { value: "fill", text: "Fill", icon: "fill", title: "Fill a connected area (F)" },
      { value: "eyedropper", text: "Eyedropper", icon: "eyedropper", title: "Select the class under the pointer (I)" },
    ],
    change: (kind) => paintTool.set({ kind }),
  });
  const size = slider({ text: "Brush size", id: "brush-size", min: 1 });
  size.input.addEventListener("input", () => paintTool.set({ brushSize: Number(size.input.value) }));
  paintTool.addEventListener("change", () => {
    group.select(paintTool.kind);
    size.input.max = paintTool.maxBrushSize;
    size.input.value = paintTool.brushSize;
    size.output.textContent = `${paintTool.brushSize} px`;
  });
  return [group.fieldset, size.label];
}
