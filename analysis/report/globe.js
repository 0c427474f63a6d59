(() => {
  "use strict";
  const figure = document.getElementById("globe");
  const data = JSON.parse(figure.dataset.sky);
  const canvas = figure.querySelector("canvas"), pen = canvas.getContext("2d");
  const sky = figure.querySelector("[name=sky]"), degrees = figure.querySelector("[name=degrees]");
  const value = figure.querySelector(".value"), ends = figure.querySelectorAll(".bar span"), bar = figure.querySelector(".bar canvas");
  if (!pen || !window.PointerEvent) return;
  const rad = Math.PI / 180, rows = data.rows, columns = data.columns;
  const grids = data.grids.map(list => list.map(text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0))));
  const ramp = new Uint8Array(3 * 256);
  for (let i = 0; i < 256; i++) {
    const at = (data.colours.length - 1) * i / 255, low = Math.min(Math.floor(at), data.colours.length - 2), part = at - low;
    for (let c = 0; c < 3; c++) {
      const [a, b] = [0, 1].map(n => parseInt(data.colours[low + n].slice(1 + 2 * c, 3 + 2 * c), 16));
      ramp[3 * i + c] = Math.round(a + part * (b - a));
    }
  }
  let longitude = data.field && data.field[1] < 89 ? data.field[0] - 40 : 0, latitude = 25, queued = false, at = null;
  const option = (list, text, index) => list.add(new Option(text, index));
  grids.forEach((_, n) => option(sky, "realisation " + n, n));
  data.cuts.forEach((l, n) => option(degrees, "l \u2264 " + l, n));
  degrees.value = data.cuts.length - 1;

  const chosen = () => [grids[sky.value][degrees.value], data.largest[sky.value][degrees.value]];
  const limit = () => data.largest[sky.value][data.cuts.length - 1];
  const axes = () => {  // towards the reader, up, and east, which is to the left
    const [cl, sl, cb, sb] = [Math.cos(longitude * rad), Math.sin(longitude * rad), Math.cos(latitude * rad), Math.sin(latitude * rad)];
    return [[cb * cl, cb * sl, sb], [-sb * cl, -sb * sl, cb], [-sl, cl, 0]];
  };
  const level = (grid, x, y, z) => {  // between the centres of four cells
    const row = Math.min(Math.max(Math.acos(Math.max(-1, Math.min(1, z))) / Math.PI * rows - 0.5, 0), rows - 1);
    const column = (Math.atan2(y, x) / (2 * Math.PI) + 1) * columns - 0.5;
    const i = Math.min(Math.floor(row), rows - 2), j = Math.floor(column), p = row - i, q = column - j;
    const a = j % columns, b = (j + 1) % columns, upper = i * columns, lower = upper + columns;
    return ((1 - p) * ((1 - q) * grid[upper + a] + q * grid[upper + b]) + p * ((1 - q) * grid[lower + a] + q * grid[lower + b]) - 128) / 127;
  };
  const direction = (x, y) => {  // of a point of the disc of radius 1, y up; null outside
    const r = x * x + y * y;
    if (r >= 1) return null;
    const z = Math.sqrt(1 - r), [c, n, e] = axes();
    return [0, 1, 2].map(k => z * c[k] + y * n[k] - x * e[k]);
  };
  const line = points => {
    pen.beginPath();
    let before = false;
    for (const [l, b] of points) {
      const v = [Math.cos(b * rad) * Math.cos(l * rad), Math.cos(b * rad) * Math.sin(l * rad), Math.sin(b * rad)];
      const [z, y, x] = axes().map(w => w[0] * v[0] + w[1] * v[1] + w[2] * v[2]);
      const half = canvas.width / 2;
      if (z > 0) pen[before ? "lineTo" : "moveTo"](half - half * 0.98 * x, half - half * 0.98 * y);
      before = z > 0;
    }
    pen.stroke();
  };
  const mark = (l, b, text) => {
    const v = [Math.cos(b * rad) * Math.cos(l * rad), Math.cos(b * rad) * Math.sin(l * rad), Math.sin(b * rad)];
    const [z, y, x] = axes().map(w => w[0] * v[0] + w[1] * v[1] + w[2] * v[2]), half = canvas.width / 2;
    if (z <= 0) return;
    const px = half - half * 0.98 * x, py = half - half * 0.98 * y, size = canvas.width / 26;
    pen.font = `bold ${size}px sans-serif`;
    pen.lineWidth = size / 4;
    pen.strokeStyle = "#fff";
    pen.fillStyle = "#000";
    pen.beginPath();
    pen.arc(px, py, size / 4, 0, 7);
    pen.stroke();
    pen.fill();
    pen.strokeText(text, px + size / 2, py - size / 3);
    pen.fillText(text, px + size / 2, py - size / 3);
  };
  const draw = () => {
    queued = false;
    const size = Math.max(1, Math.min(Math.round(canvas.clientWidth * Math.min(devicePixelRatio || 1, 2)), 640));
    if (canvas.width !== size) canvas.width = canvas.height = size;
    const [grid, largest] = chosen(), factor = largest / limit(), image = pen.createImageData(size, size), pixels = image.data;
    const half = size / 2, radius = 0.98 * half, [c, n, e] = axes();
    for (let row = 0, k = 0; row < size; row++) {
      const y = (half - row - 0.5) / radius;
      for (let column = 0; column < size; column++, k += 4) {
        const x = (column + 0.5 - half) / radius, r = x * x + y * y;
        if (r >= 1) continue;
        const z = Math.sqrt(1 - r);
        const v = level(grid, z * c[0] + y * n[0] - x * e[0], z * c[1] + y * n[1] - x * e[1], z * c[2] + y * n[2] - x * e[2]);
        const shade = 3 * Math.max(0, Math.min(255, Math.round(127.5 + 127.5 * v * factor)));
        pixels[k] = ramp[shade]; pixels[k + 1] = ramp[shade + 1]; pixels[k + 2] = ramp[shade + 2]; pixels[k + 3] = 255;
      }
    }
    pen.putImageData(image, 0, 0);
    pen.lineWidth = size / 500;
    pen.strokeStyle = "rgba(60,60,60,.55)";
    const turn = Array.from({length: 121}, (_, n) => 3 * n);
    for (let b = -60; b <= 60; b += 30) line(turn.map(l => [l, b]));
    for (let l = 0; l < 360; l += 30) line(turn.slice(0, 61).map(b => [l, b - 90]));
    pen.beginPath();
    pen.arc(half, half, radius, 0, 7);
    pen.strokeStyle = "#000";
    pen.stroke();
    if (data.field) {
      mark(data.field[0], data.field[1], "+B");
      mark(data.field[0] + 180, -data.field[1], "\u2212B");
    }
    const unit = data.unit ? "\u00a0\u00d7\u00a0" + data.unit : "";
    ends[0].textContent = "\u2212" + limit().toPrecision(2);
    ends[1].textContent = "+" + limit().toPrecision(2) + unit;
    const seen = at || [0, 0], v = direction(...seen);
    if (v) {
      const number = level(grid, ...v) * largest, l = (Math.atan2(v[1], v[0]) / rad + 360) % 360, b = Math.asin(v[2]) / rad;
      const sign = text => text.replace("-", "\u2212");
      value.textContent = `${data.names[0]} ${l.toFixed(0)}\u00b0, ${data.names[1]} ${sign(b.toFixed(0))}\u00b0: \u0394f/f = ${sign(number.toPrecision(2))}${unit}`;
    }
  };
  const soon = () => { if (!queued) { queued = true; setTimeout(draw, 16); } };
  const place = event => {
    const box = canvas.getBoundingClientRect(), half = box.width / 2;
    return [(event.clientX - box.left - half) / (0.98 * half), (half - event.clientY + box.top) / (0.98 * half)];
  };
  let held = null;
  const turn = (l, b) => {
    longitude = (longitude + l + 360) % 360;
    latitude = Math.max(-90, Math.min(90, latitude + b));
    soon();
  };
  canvas.addEventListener("pointerdown", event => { held = [event.clientX, event.clientY]; at = place(event); soon(); });
  window.addEventListener("pointermove", event => {
    if (held) {
      const step = 115 / canvas.clientWidth;
      turn((event.clientX - held[0]) * step, (event.clientY - held[1]) * step);
      held = [event.clientX, event.clientY];
    }
    if (held || event.target === canvas) { at = place(event); soon(); }
  });
  for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, () => { held = null; });
  canvas.addEventListener("pointerleave", () => { if (!held) { at = null; soon(); } });
  canvas.addEventListener("keydown", event => {
    const step = {ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10]}[event.key];
    if (step) { event.preventDefault(); at = null; turn(...step); }
  });
  for (const list of [sky, degrees]) list.addEventListener("change", soon);
  window.addEventListener("resize", soon);
  const stripe = bar.getContext("2d"), image = stripe.createImageData(256, 1);
  for (let i = 0; i < 256; i++) image.data.set([ramp[3 * i], ramp[3 * i + 1], ramp[3 * i + 2], 255], 4 * i);
  stripe.putImageData(image, 0, 0);
  figure.hidden = false;
  draw();
})();
