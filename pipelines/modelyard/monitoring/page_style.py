"""How the report looks: one style sheet, no fonts or images from elsewhere."""

STYLE = """
:root { --ink: #1c2733; --soft: #4d5b67; --line: #d5dee6; --then: #b9cad9; --now: #1d4f7c;
        --bad: #b3261e; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--ink);
       margin: 0; background: #fff; }
header, main, footer { max-width: 74rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.2rem; }
h1 { font-size: 1.35rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; padding-top: .5rem;
     border-top: 2px solid var(--line); }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: .4rem 0; max-width: 62rem; }
code { font-size: .88em; background: #eef2f5; border-radius: 3px; padding: .05rem .3rem;
       overflow-wrap: anywhere; }
a { color: var(--now); }
.where { color: var(--soft); margin: .2rem 0 0; overflow-wrap: anywhere; }
.verdict { border-left: 6px solid #2c6e49; background: #eef6f1; padding: .7rem .9rem;
           margin: 1rem 0; font-size: 1.08rem; font-weight: 600; max-width: none; }
.verdict.warning { border-color: #b26a00; background: #fff5e3; }
.verdict.critical, .verdict.failed { border-color: var(--bad); background: #fdeceb; }
.verdict.insufficient { border-color: #5a6b7b; background: #eff2f5; }
nav { font-size: .9rem; margin: .6rem 0 0; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: 0; padding: 0; }
nav a { display: inline-block; padding: .15rem 0; }
ol.findings, ul.plain { list-style: none; padding: 0; margin: 0; }
ol.findings { display: grid; gap: .6rem; }
ol.findings > li { border: 1px solid var(--line); border-left: 5px solid #5a6b7b;
                   border-radius: 4px; padding: .55rem .8rem; }
ol.findings > li.warning { border-left-color: #b26a00; }
ol.findings > li.critical { border-left-color: var(--bad); }
.chip { display: inline-block; font-size: .74rem; font-weight: 700; border-radius: 3px;
        padding: .05rem .4rem; margin-right: .4rem; background: #e3e9ee; color: #26333f; }
.chip.warning { background: #ffe2ad; color: #573200; }
.chip.critical { background: var(--bad); color: #fff; }
.chip.ok { background: #d6ecdf; color: #17432b; }
.facts { color: var(--soft); font-size: .88rem; margin: .2rem 0 0; }
.grid { display: grid; gap: 1rem;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); }
figure { margin: 0; border: 1px solid var(--line); border-radius: 6px; padding: .7rem .8rem;
         min-width: 0; break-inside: avoid; }
figcaption { margin-bottom: .4rem; }
svg { display: block; width: 100%; max-width: 26rem; height: auto; }
svg text { font: 11.5px system-ui, sans-serif; fill: var(--ink); }
svg text.value, svg text.limit-text { font-size: 10.5px; fill: var(--soft); }
svg .then { fill: var(--then); } svg .now { fill: var(--now); } svg .now.bad { fill: var(--bad); }
svg .axis { fill: none; stroke: #8697a5; } svg .limit { stroke: var(--bad); stroke-dasharray: 4 3; }
svg .line { fill: none; stroke: var(--now); stroke-width: 2; } svg .dot { fill: var(--now); }
.key { font-size: .88rem; color: var(--soft); }
.key i { display: inline-block; width: 1.1em; height: .75em; margin: 0 .3em 0 .8em; }
.key i.then { background: var(--then); margin-left: 0; } .key i.now { background: var(--now); }
.key i.bad { background: var(--bad); }
.scroll { overflow-x: auto; max-width: 100%; }
table { min-width: min(100%, 21rem); border-collapse: collapse; margin: .4rem 0 1rem;
        font-size: .93rem; }
caption { text-align: left; font-weight: 600; padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .28rem .9rem .28rem 0;
         border-bottom: 1px solid #e6ecf1; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td { overflow-wrap: anywhere; }
table.facts-table { width: 100%; max-width: 46rem; }
table.facts-table th { font-weight: 500; width: 42%; color: var(--soft); }
details { margin: .8rem 0; } summary { cursor: pointer; color: var(--now); font-weight: 600; }
@media (max-width: 40rem) { th, td { padding-right: .55rem; } table { font-size: .88rem; } }
footer { color: var(--soft); font-size: .88rem; padding-top: 1.5rem; padding-bottom: 2rem; }
@media print { figure, li { break-inside: avoid; }
  .verdict, .chip, svg { print-color-adjust: exact; } }
"""
