// The charts of a weekly report, drawn from the same frozen figures as the tables beside them.

const data = JSON.parse(document.getElementById("charts").textContent);
const drawn = new Map();
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function palette(paper) {
  return paper
    ? { ink: "#18242a", soft: "#536068", line: "#dde2e5", colours: ["#0b6b6b", "#b8860b", "#1b5aa6"] }
    : { ink: token("--ink"), soft: token("--ink-soft"), line: token("--line"), colours: [token("--accent"), token("--waiting"), token("--in-room")] };
}

function options(chart, paper) {
  const { ink, soft, line, colours } = palette(paper);
  const names = { type: "category", data: chart.labels, inverse: Boolean(chart.across), axisLabel: { color: ink }, axisLine: { lineStyle: { color: soft } }, axisTick: { show: false } };
  const values = { type: "value", minInterval: 1, splitNumber: 4, axisLabel: { color: soft }, splitLine: { lineStyle: { color: line } } };
  return {
    animation: false,
    color: colours,
    aria: { enabled: true, decal: { show: true } },
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" } },
    legend: { top: 0, left: 0, itemGap: 16, textStyle: { color: ink } },
    grid: { top: 32, right: 12, bottom: 4, left: 4, containLabel: true },
    xAxis: chart.across ? values : names,
    yAxis: chart.across ? names : values,
    series: chart.series.map((series) => ({ name: series.name, type: series.type, data: series.values, barMaxWidth: 18, symbolSize: 7, lineStyle: { width: 2 } })),
  };
}

function draw(paper = false) {
  for (const element of document.querySelectorAll("[data-chart]")) {
    const name = element.dataset.chart;
    if (data[name].across) element.classList.toggle("chart-tall", data[name].labels.length > 5);
    if (!drawn.has(name)) drawn.set(name, window.echarts.init(element, null, { renderer: "canvas", devicePixelRatio: Math.max(2, devicePixelRatio) }));
    drawn.get(name).setOption(options(data[name], paper), true);
    drawn.get(name).resize();
  }
}

draw();
addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
addEventListener("beforeprint", () => draw(true));
addEventListener("afterprint", () => draw());
new MutationObserver(() => draw()).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
