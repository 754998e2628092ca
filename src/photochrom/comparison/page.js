"use strict";
document.documentElement.classList.add("js");
const together = document.getElementById("together");

function slide(figure, value) {
  figure.querySelector("input[type=range]").value = value;
  figure.querySelector(".pair").style.setProperty("--at", `${value}%`);
}

function slideAll(figure, value) {
  const figures = together.checked ? figure.closest("section").querySelectorAll("figure.result") : [figure];
  figures.forEach((one) => slide(one, value));
}

for (const section of document.querySelectorAll("section.photograph")) {
  const input = section.querySelector(".still img");
  for (const figure of section.querySelectorAll("figure.result")) {
    const pair = figure.querySelector(".pair");
    const over = pair.appendChild(new Image());
    over.className = "over";
    over.alt = "";
    over.draggable = false;
    over.src = input.src;
    const range = figure.querySelector("input[type=range]");
    range.addEventListener("input", () => slideAll(figure, range.value));
    const follow = (event) => {
      const box = pair.getBoundingClientRect();
      slideAll(figure, Math.max(0, Math.min(100, (100 * (event.clientX - box.left)) / box.width)));
    };
    pair.addEventListener("pointerdown", (event) => { pair.setPointerCapture(event.pointerId); follow(event); });
    pair.addEventListener("pointermove", (event) => { if (event.buttons) follow(event); });
    pair.addEventListener("dragstart", (event) => event.preventDefault());
    slide(figure, range.value);
  }
}
