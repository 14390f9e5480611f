/**
 * Texts of the page in one place, so that a translation is one file: what is said stands here,
 * how it is put together (plurals, numbers, times) in `panel/words.js`. Each area has an entry
 * of its own; what takes a value is a function.
 *
 * A text names nothing that the code knows by another name, and is never markup.
 */

export const TEXTS = Object.freeze({
  display: {
    title: "Colours, contrast and size",
    theme: { title: "Colours", values: { system: "As the system has them", light: "Light", dark: "Dark" } },
    contrast: { title: "Contrast", values: { system: "As the system has it", more: "High", normal: "Normal" } },
    size: { title: "Size", values: { normal: "Normal", projector: "Projector: large letters and nodes" } },
  },
  theme: { toLight: "Light colours", toDark: "Dark colours" },
});
