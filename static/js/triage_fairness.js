// The charts of fairness, drawn from the same figures as the tables beside them.

const data = JSON.parse(document.getElementById("charts").textContent);
const drawn = new Map();
let paper = false;
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function palette() {
  return paper
    ? { ink: "#18242a", soft: "#536068", line: "#dde2e5", colours: ["#0b6b6b", "#b8860b", "#1b5aa6"] }
    : { ink: token("--ink"), soft: token("--ink-soft"), line: token("--line"), colours: [token("--accent"), token("--waiting"), token("--in-room")] };
}

function options(chart, width) {
  const { ink, soft, line, colours } = palette();
  return {
    animation: false,
    color: colours,
    aria: { enabled: true, decal: { show: true } },
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" } },
    legend: { top: 0, left: 0, itemGap: 16, textStyle: { color: ink } },
    grid: { top: 32, right: 12, bottom: 4, left: 4, containLabel: true },
    xAxis: { type: "category", data: chart.labels, axisLabel: { color: ink, interval: chart.labels.length > 16 ? "auto" : 0, rotate: chart.labels.length <= 16 && width / chart.labels.length < 56 ? 40 : 0 }, axisLine: { lineStyle: { color: soft } }, axisTick: { show: false } },
    yAxis: { type: "value", minInterval: 1, splitNumber: 4, axisLabel: { color: soft }, splitLine: { lineStyle: { color: line } } },
    series: chart.series.map((series) => ({ name: series.name, type: series.type, stack: series.stack || undefined, data: series.values, barMaxWidth: 18, symbolSize: 7, lineStyle: { width: 2 } })),
  };
}

function draw() {
  for (const element of document.querySelectorAll("[data-chart]")) {
    const name = element.dataset.chart;
    if (!drawn.has(name)) drawn.set(name, window.echarts.init(element, null, { renderer: "canvas", devicePixelRatio: Math.max(2, devicePixelRatio) }));
    drawn.get(name).resize();
    drawn.get(name).setOption(options(data[name], drawn.get(name).getWidth()), true);
  }
}

function print(on) {
  paper = on;
  draw();
}

draw();
addEventListener("resize", draw);
addEventListener("beforeprint", () => print(true));
addEventListener("afterprint", () => print(false));
new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
