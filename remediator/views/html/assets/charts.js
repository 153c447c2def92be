/* Draws the pictures with Chart.js. Their numbers stand in the page, too. */
"use strict";
(function () {
  const drawn = [];
  let paper = false;

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  }

  function font() {
    return { family: getComputedStyle(document.body).fontFamily, size: 12 };
  }

  /** How many letters wide a text is. A Chinese character is as wide as two. */
  const wide = (text) => [...text].reduce((all, sign) => all + (sign > "\u2e7f" ? 2 : 1), 0);

  /** A label may break where words of a code begin, after a space, and between Chinese characters. */
  const BREAKS = /(?<=[a-z0-9])(?=[A-Z])|(?<=[-_ .])|(?<=[\u2e80-\uffdc])(?![，。；：、）])/;

  /** A label in lines of about so many letters. */
  function folded(label, widest) {
    const lines = [""];
    for (const word of label.split(BREAKS)) {
      const last = lines[lines.length - 1];
      if (last && wide(last + word.trimEnd()) > widest) lines.push(word);
      else lines[lines.length - 1] = last + word;
    }
    return lines.length > 1 ? lines : label;
  }

  /** What is written at the ends of bars: the sum of a label, or each number if they stand apart. */
  function ends(chart, told) {
    const sets = chart.data.datasets.map((set, n) => ({ data: set.data, bars: chart.getDatasetMeta(n).data }));
    const upright = chart.options.indexAxis === "x";
    const scale = upright ? chart.scales.y : chart.scales.x;
    const end = (value, bar) =>
      upright
        ? { value, x: bar.x, y: scale.getPixelForValue(value) - 4 }
        : { value, x: scale.getPixelForValue(value) + 6, y: bar.y };
    if (told.apart) return sets.flatMap(({ data, bars }) => data.map((value, at) => end(value, bars[at])));
    return told.labels.map((_, at) => end(sets.reduce((all, { data }) => all + data[at], 0), sets[0].bars[at]));
  }

  /** Writes the numbers at the ends of the bars, if they have room. */
  const totals = (told) => ({
    id: "totals",
    afterDatasetsDraw(chart) {
      const upright = chart.options.indexAxis === "x";
      if (upright && chart.chartArea.width / told.labels.length < 26) return;
      const context = chart.ctx;
      context.save();
      context.fillStyle = colour("ink");
      context.font = `600 12px ${font().family}`;
      context.textAlign = upright ? "center" : "left";
      context.textBaseline = upright ? "bottom" : "middle";
      for (const { value, x, y } of ends(chart, told)) {
        if (value) context.fillText(value.toLocaleString(document.documentElement.lang), x, y);
      }
      context.restore();
    },
  });

  function axes(upright, widest, labels, apart = false) {
    const counted = {
      stacked: !apart,
      beginAtZero: true,
      grace: "8%",
      border: { display: false },
      grid: { color: colour("line"), drawTicks: false },
      ticks: { precision: 0, maxRotation: 0, color: colour("soft"), font: font(), padding: 6, maxTicksLimit: 6 },
    };
    const named = {
      stacked: !apart,
      border: { display: false },
      grid: { display: false },
      ticks: {
        color: colour("ink"),
        font: font(),
        autoSkip: apart,
        maxRotation: 0,
        callback: (_, at) => folded(labels[at], widest),
      },
    };
    return upright ? { x: named, y: counted } : { x: counted, y: named };
  }

  /** Bars stand where their labels have room side by side, and if a label may be left out. */
  const stands = (told, width) => told.upright && (told.apart || width >= 440);

  function bars(told, width) {
    const upright = stands(told, width);
    const room = Math.floor((width - 50) / told.labels.length / 7);
    const widest = upright ? Math.max(5, Math.min(room, 14)) : Math.max(14, Math.floor(width / 16));
    return {
      type: "bar",
      data: {
        labels: told.labels,
        datasets: told.series.map((each) => ({
          label: each.label,
          data: each.values,
          backgroundColor: colour(each.tone),
          borderRadius: 2,
          maxBarThickness: upright ? 44 : 18,
        })),
      },
      options: {
        indexAxis: upright ? "x" : "y",
        scales: axes(upright, widest, told.labels, told.apart),
        plugins: {
          legend: {
            position: "bottom",
            align: "start",
            labels: { color: colour("ink"), font: font(), boxWidth: 10, boxHeight: 10 },
          },
          tooltip: { mode: "index", intersect: false },
        },
        onClick: (_, found) => {
          if (told.filters && found.length) page.filterBy?.(told.filters, told.labels[found[0].index]);
        },
      },
      plugins: [totals(told)],
    };
  }

  /** A length of time, in seconds or in minutes, as the longest one asks for. */
  function lasting(seconds, longest) {
    return longest < 180 ? `${seconds} s` : `${Math.round(seconds / 6) / 10} min`;
  }

  function spans(told, width) {
    const labels = told.spans.map((span) => span[0]);
    const widest = Math.max(16, Math.floor(width / 16));
    const scales = axes(false, widest, labels);
    scales.x.stacked = scales.y.stacked = false;
    const last = Math.max(...told.spans.map((span) => span[2]), 0.1);
    scales.x.ticks.callback = (value) => lasting(value, last);
    return {
      type: "bar",
      data: {
        labels,
        datasets: [
          {
            /* A bar has a visible width, however short its time was. */
            data: told.spans.map((span) => [span[1], Math.max(span[2], span[1] + last / 150)]),
            backgroundColor: told.spans.map((span) => colour(span[3])),
            borderRadius: 2,
            borderSkipped: false,
            maxBarThickness: 16,
          },
        ],
      },
      options: {
        indexAxis: "y",
        scales,
        plugins: {
          legend: { display: false },
          tooltip: {
            callbacks: {
              label: (item) => {
                const span = told.spans[item.dataIndex];
                return `${lasting(span[1], last)} – ${lasting(span[2], last)}`;
              },
            },
          },
        },
      },
    };
  }

  function height(told, width) {
    if (stands(told, width)) return 260;
    const labels = told.labels ?? told.spans.map((span) => span[0]);
    const widest = Math.max(14, Math.floor(width / 16));
    const lines = labels.reduce((all, label) => all + [folded(label, widest)].flat().length, 0);
    return 90 + labels.length * 14 + lines * 14;
  }

  function paint(each) {
    const inGrid = each.frame.closest(".charts") !== null;
    each.frame.style.width = paper ? `${inGrid ? 310 : 640}px` : "";
    const width = each.frame.clientWidth || 600;
    const tall = height(each.told, width);
    each.frame.style.height = `${tall}px`;
    const config = each.told.spans ? spans(each.told, width) : bars(each.told, width);
    config.options.animation = false;
    config.options.maintainAspectRatio = false;
    each.chart?.destroy();
    const canvas = each.frame.querySelector("canvas");
    if (paper) {
      /* The page gets the width of the paper only later, so the picture takes its size from here. */
      config.options.responsive = false;
      config.options.devicePixelRatio = 3;
      canvas.width = width;
      canvas.height = tall;
    }
    each.chart = new Chart(canvas, config);
  }

  /** Draw a picture in its frame, a `div` with a `canvas`. */
  page.draw = function (frame, told) {
    frame.hidden = false;
    const each = { frame, told };
    drawn.push(each);
    paint(each);
  };

  /** Draw all pictures again, because the colours have changed, or for paper: it is narrower. */
  page.redraw = function (forPaper = false) {
    paper = forPaper;
    for (const each of drawn) if (each.frame.isConnected) paint(each);
  };

  for (const told of page.data.charts) {
    page.draw(document.querySelector(`#chart-${told.name} .drawing`), told);
  }
})();
