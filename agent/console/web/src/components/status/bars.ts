// The one kind of chart the console draws. Its tooltip is drawn on the canvas, because the policy of the page
// allows no styles inside HTML texts.
import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

export interface Bars {
  names: string[];
  series: { name: string; values: number[] }[];
  budget?: { value: number; words: string } | null;
  shown: (value: number) => string;
}

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function drawBars(box: HTMLElement, bars: Bars): EChartsType {
  const chart = init(box, undefined, { renderer: "canvas" });
  const ink = { color: colour("--grey"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 };
  const colours = [colour("--accent"), colour("--edge"), colour("--amber")];
  const budget = bars.budget;
  chart.setOption({
    animation: false,
    color: colours,
    textStyle: ink,
    grid: { left: 8, right: 16, top: bars.series.length > 1 ? 32 : 12, bottom: 4, containLabel: true },
    legend: { show: bars.series.length > 1, top: 0, right: 8, textStyle: ink, itemWidth: 12, itemHeight: 8 },
    tooltip: {
      trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" },
      backgroundColor: colour("--ground"), borderColor: colour("--line"), textStyle: { ...ink, color: colour("--ink") },
      valueFormatter: (value: unknown) => bars.shown(Number(value)),
    },
    xAxis: { type: "category", data: bars.names, axisLabel: ink, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("--line") } } },
    yAxis: { type: "value", axisLabel: { ...ink, formatter: (value: number) => bars.shown(value) }, splitNumber: 3, splitLine: { lineStyle: { color: colour("--line") } } },
    series: bars.series.map((one, at) => ({
      name: one.name, type: "bar", stack: "all", data: one.values, barMaxWidth: 28,
      markLine: at === 0 && budget
        ? { symbol: "none", silent: true, data: [{ yAxis: budget.value }], lineStyle: { color: colour("--amber") }, label: { formatter: budget.words, color: colour("--amber") } }
        : undefined,
    })),
  });
  return chart;
}
