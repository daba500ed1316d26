"""How pages look: one style sheet, no fonts or images from elsewhere.

Text keeps a contrast of 4.5 to 1 in light and dark; paper is always light.
"""

STYLE = """
:root { color-scheme: light dark;
        --paper: #fff; --ink: #1c2733; --soft: #4d5b67; --line: #d5dee6; --panel: #eef2f5;
        --then: #b9cad9; --now: #1d4f7c; --axis: #7a8b99; --link: #1d4f7c;
        --good: #2c6e49; --warn: #b26a00; --bad: #b3261e; --dull: #5a6b7b;
        --good-back: #eef6f1; --warn-back: #fff5e3; --bad-back: #fdeceb; --dull-back: #eff2f5;
        --good-chip: #d6ecdf; --warn-chip: #ffe2ad; --bad-chip: #b3261e; --dull-chip: #e3e9ee;
        --good-word: #17432b; --warn-word: #573200; --bad-word: #fff; --dull-word: #26333f; }
@media screen and (prefers-color-scheme: dark) {
:root { --paper: #13181d; --ink: #e6ebf0; --soft: #aeb9c4; --line: #36424d; --panel: #212a32;
        --then: #51687d; --now: #83b9ea; --axis: #8697a5; --link: #9ac8f2;
        --good: #6fc596; --warn: #efb75f; --bad: #f2857b; --dull: #93a3b1;
        --good-back: #16271e; --warn-back: #2e2512; --bad-back: #371d1b; --dull-back: #20272e;
        --good-chip: #1f4a33; --warn-chip: #5c4110; --bad-chip: #f2857b; --dull-chip: #33404b;
        --good-word: #c9f0da; --warn-word: #ffe3ad; --bad-word: #2b0b08; --dull-word: #dfe7ee; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--ink);
       margin: 0; background: var(--paper); }
header, main, footer { max-width: 74rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.2rem; }
h1 { font-size: 1.35rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; padding-top: .5rem;
     border-top: 2px solid var(--line); }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
h3.apart { margin-top: 1.3rem; }
p { margin: .4rem 0; max-width: 62rem; overflow-wrap: anywhere; }
code { font-size: .88em; background: var(--panel); border-radius: 3px; padding: .05rem .3rem;
       overflow-wrap: anywhere; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, .scroll:focus-visible
  { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; background: var(--paper); padding: .5rem .8rem; }
.skip:focus { left: .5rem; top: .5rem; }
.where { color: var(--soft); margin: .2rem 0 0; overflow-wrap: anywhere; }
.verdict { border-left: 6px solid var(--good); background: var(--good-back); padding: .7rem .9rem;
           margin: 1rem 0; font-size: 1.08rem; font-weight: 600; max-width: none; }
.verdict.warning { border-color: var(--warn); background: var(--warn-back); }
.verdict.critical, .verdict.failed { border-color: var(--bad); background: var(--bad-back); }
.verdict.insufficient { border-color: var(--dull); background: var(--dull-back); }
nav { font-size: .9rem; margin: .6rem 0 0; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: 0; padding: 0; }
nav a { display: inline-block; padding: .15rem 0; }
ol.findings, ul.findings, ul.plain { list-style: none; padding: 0; margin: 0; }
ol.findings, ul.findings { display: grid; gap: .6rem; }
.findings > li { border: 1px solid var(--line); border-left: 5px solid var(--dull);
                 border-radius: 4px; padding: .55rem .8rem; overflow-wrap: anywhere; min-width: 0; }
.findings > li.warning { border-left-color: var(--warn); }
.findings > li.critical { border-left-color: var(--bad); }
.chip { display: inline-block; font-size: .74rem; font-weight: 700; border-radius: 3px;
        padding: .05rem .4rem; margin-right: .4rem; white-space: nowrap;
        background: var(--dull-chip);
        color: var(--dull-word); }
.chip.warning { background: var(--warn-chip); color: var(--warn-word); }
.chip.critical { background: var(--bad-chip); color: var(--bad-word); }
.chip.ok { background: var(--good-chip); color: var(--good-word); }
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
svg .axis { fill: none; stroke: var(--axis); }
svg .limit { stroke: var(--bad); stroke-dasharray: 4 3; }
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
         border-bottom: 1px solid var(--line); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td { overflow-wrap: anywhere; } .day { white-space: nowrap; }
.scroll td { overflow-wrap: break-word; } .scroll td:not(.number) { min-width: 4.5rem; }
.scroll td code { display: inline-block; min-width: 9rem; }
table.facts-table { width: 100%; max-width: 46rem; }
table.facts-table th { font-weight: 500; width: 42%; color: var(--soft); }
details { margin: .8rem 0; } summary { cursor: pointer; color: var(--link); font-weight: 600; }
@media (max-width: 40rem) { th, td { padding-right: .55rem; } table { font-size: .88rem; } }
footer { color: var(--soft); font-size: .88rem; padding-top: 1.5rem; padding-bottom: 2rem; }
@page { margin: 16mm 14mm; }
@media print { nav, .skip { display: none; }
  body { font-size: 10.5pt; } header, main, footer { max-width: none; padding: 0; }
  h2, h3, caption, summary { break-after: avoid; } figure, li, tr, .verdict { break-inside: avoid; }
  thead { display: table-header-group; } .scroll { overflow: visible; }
  table { font-size: .85em; } th, td { padding-right: .5rem; }
  .scroll td:not(.number) { min-width: 0; }
  .scroll td code { display: inline; min-width: 0; overflow-wrap: anywhere; }
  details::details-content { content-visibility: visible; block-size: auto; }
  a[href^="http"]::after { content: " (" attr(href) ")"; overflow-wrap: anywhere; }
  .verdict, .chip, code, svg, .key i { print-color-adjust: exact; } }
"""
