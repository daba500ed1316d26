"""What only the fleet's page needs of style and script: sorting, finding, filtering."""

STYLE = """
header, main, footer { max-width: 100rem; }
.tools { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .4rem 0; }
.tools[hidden] { display: none; }
.tools input, .tools button, .fleet th button { font: inherit; color: var(--ink); }
.tools input { background: var(--paper); border: 1px solid var(--axis); border-radius: 4px;
               padding: .25rem .5rem; min-width: 14rem; }
.tools button { background: var(--panel); border: 1px solid var(--line); border-radius: 4px;
                padding: .25rem .6rem; cursor: pointer; }
.tools button[aria-pressed=true] { border-color: var(--link); background: var(--paper);
                                   color: var(--link); font-weight: 600; }
.tools output { color: var(--soft); font-size: .88rem; }
.fleet { width: 100%; font-size: .85rem; }
.fleet th[scope=row], .fleet td { white-space: nowrap; }
.fleet .chip + .chip { margin-top: .15rem; }
.fleet td:nth-child(2) { white-space: normal; min-width: 8.5rem; }
.fleet thead th { white-space: nowrap; }
.fleet th button { background: none; border: 0; padding: 0; cursor: pointer; font-weight: 700; }
.fleet th[aria-sort] button { color: var(--link); }
.fleet th[aria-sort=ascending] button::after { content: " ↑"; }
.fleet th[aria-sort=descending] button::after { content: " ↓"; }
.fleet tbody tr:hover { background: var(--panel); }
.findings ul { margin: .3rem 0 0; padding-left: 0; list-style: none; }
.findings > li:target { outline: 3px solid var(--link); }
input:focus-visible, button:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
@media print { @page { size: landscape; } .tools { display: none; }
  .fleet { font-size: .68em; } .fleet th button { font-weight: 700; } }
"""

SCRIPT = """<script>
(() => {
  const table = document.querySelector('table.fleet'), tools = document.querySelector('.tools');
  const body = table.tBodies[0], rows = [...body.rows];
  const buttons = [...tools.querySelectorAll('button')];
  const find = tools.querySelector('input'), told = tools.querySelector('output');
  const texts = new Map(rows.map(row => [row, row.textContent.toLowerCase()]));
  let only = '';
  const show = () => {
    const words = find.value.toLowerCase().split(/\\s+/);
    let count = 0;
    for (const row of rows) {
      const kept = (!only || row.dataset.kinds.split(' ').includes(only))
        && words.every(word => texts.get(row).includes(word));
      row.hidden = !kept;
      count += kept;
    }
    told.textContent = count === rows.length ? '' : `${count} of ${rows.length} shown`;
  };
  const key = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent;
  const compare = (one, other) => {
    const [a, b] = [parseFloat(one), parseFloat(other)];
    const numbers = /^-?[\\d.]+$/.test(one) && /^-?[\\d.]+$/.test(other);
    return numbers ? a - b : one.localeCompare(other, 'en', { numeric: true });
  };
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const up = head.getAttribute('aria-sort') !== 'ascending';
      for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      const keyed = rows.map(row => [key(row, column), row]);
      keyed.sort((one, other) => compare(one[0], other[0]) * (up ? 1 : -1));
      body.append(...keyed.map(pair => pair[1]));
    });
  });
  buttons.forEach(button => button.addEventListener('click', () => {
    only = button.dataset.only;
    buttons.forEach(one => one.setAttribute('aria-pressed', one === button));
    show();
  }));
  find.addEventListener('input', show);
  tools.hidden = false;
})();
</script>
"""
