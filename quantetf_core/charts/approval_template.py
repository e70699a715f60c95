"""The page an approval sheet is printed on: A4, light, nothing from elsewhere."""

TEMPLATE = """\
{%- macro rows(lines) -%}
{% for line in lines %}
<tr><td>{{ line.action }}</td><td><b>{{ line.ticker }}</b><br><small>{{ line.name }}</small></td>
<td class="n">{{ line.current_shares | shares }}</td>
<td class="n">{{ line.shares_delta | shares(signed=true) }}</td>
<td class="n">{{ line.target_shares | shares }}</td>
<td class="n">{{ line.price | usd }}</td><td class="n">{{ line.notional_value | usd }}</td>
<td class="n">{{ line.current_weight | percent }}</td>
<td class="n">{{ line.target_weight | percent }}</td><td>{{ line.reason }}</td></tr>
{% endfor %}
{%- endmacro -%}
{%- macro lines_table(lines) -%}
<table class="lines"><thead><tr><th>Action</th><th>Ticker</th><th class="n">Shares before</th>
<th class="n">Change</th><th class="n">Shares after</th><th class="n">Close</th>
<th class="n">Value traded</th><th class="n">Weight before</th><th class="n">Weight after</th>
<th>Reason</th></tr></thead><tbody>
{{ rows(lines) }}</tbody></table>
{%- endmacro -%}
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
@page { size: A4; margin: 14mm; @bottom-right { content: counter(page) " / " counter(pages); } }
* { box-sizing: border-box; }
:root { color-scheme: light; }
body { font: 9.5pt/1.4 system-ui, "Helvetica Neue", Arial, sans-serif; color: #1a1c1f;
  background: #fff; max-width: 190mm; margin: 0 auto; padding: 6mm 4mm; }
h1 { font-size: 16pt; margin: 0 0 1mm; }
h2 { font-size: 11pt; margin: 5mm 0 1.5mm; border-bottom: 0.3mm solid #1a1c1f;
  break-after: avoid; }
p { margin: 1mm 0; }
small, .dim { color: #55585e; font-size: 8pt; }
.marks span { border: 0.3mm solid #1a1c1f; padding: 0.5mm 2mm; margin-right: 2mm;
  font-weight: 600; text-transform: uppercase; font-size: 8pt; }
.stop { border: 0.6mm solid #9b1c1c; padding: 2mm 3mm; margin: 2mm 0; font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.8mm 1.5mm;
  border-bottom: 0.15mm solid #c9ccd1; overflow-wrap: break-word; }
th { font-size: 8pt; color: #55585e; font-weight: 600; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.n { white-space: normal; }
.facts { table-layout: fixed; }
.lines { font-size: 8pt; } .lines th, .lines small { font-size: 7pt; }
.lines th, .lines td { padding: 0.8mm 0.9mm; }
.lines td:nth-child(2) { min-width: 28mm; } .lines td:last-child { min-width: 22mm; }
.facts th { width: 32%; font-size: 9pt; } .two .facts th { width: 50%; }
.id { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace; font-size: 8pt;
  overflow-wrap: anywhere; }
.two { display: flex; gap: 6mm; align-items: flex-start; } .two > * { flex: 1; min-width: 0; }
.sign { break-inside: avoid; } .sign td { height: 13mm; vertical-align: bottom; }
@media (max-width: 600px) { .two { display: block; } }
@media print { body { padding: 0; } .scroll { overflow: visible; } }
</style>
</head>
<body>
<h1>{{ title }}</h1>
<p class="marks"><span>{{ f.state }}</span>
<span>{{ "Simulated prices" if f.simulated else "Market prices" }}</span>
{% if f.replay %}<span>Replay: the clock was the date chosen</span>{% endif %}</p>
{% if f.warning %}<p class="stop">{{ f.warning }}</p>{% endif %}
<p>Session {{ f.as_of }}{% if f.requested != f.as_of | string %} (asked for {{ f.requested }})\
{% endif %}. Sized on the closes of that session. Source: {{ f.source }}.</p>

<h2>Regime and strategy</h2>
<table class="facts">
<tr><th>Regime</th><td>{{ f.regime | regime }}{% if f.days_in_regime is not none %}, \
session {{ f.days_in_regime }} of it{% endif %}</td></tr>
<tr><th>Indicators</th><td>SPY {{ f.indicators.spy_price | number }}, its 200-session mean \
{{ f.indicators.spy_200ma | number }}, VIX {{ f.indicators.vix | number }}</td></tr>
<tr><th>Strategy</th><td>{{ f.strategy }}</td></tr>
<tr><th>Why in this regime</th><td>{{ f.rationale }}</td></tr>
<tr><th>How the weights came about</th><td>{{ f.weighting or "by the strategy's own rule" }}</td>\
</tr>
{% for step in f.overlays %}
<tr><th>Overlay: {{ step.title }}</th><td>{{ step.state.label }}. {{ step.said }}</td></tr>
{% endfor %}
</table>

<h2>Money</h2>
<div class="two">
<table class="facts">
<tr><th>Portfolio value</th><td class="n">{{ f.value | usd }}</td></tr>
<tr><th>Trades</th><td class="n">{{ traded | length }}</td></tr>
<tr><th>Turnover</th><td class="n">{{ f.turnover | percent }}</td></tr>
<tr><th>Costs</th><td class="n">{{ f.costs | usd }}</td></tr>
</table>
<table class="facts">
{% for label, usd in f.cash %}
<tr><th>{{ label }}</th><td class="n">{{ usd | usd }}</td></tr>
{% endfor %}
</table>
</div>
<p class="dim">{{ turnover_means }}</p>

<h2>Trades</h2>
{% if traded %}<div class="scroll">{{ lines_table(traded) }}</div>
{% else %}<p>Nothing trades.</p>{% endif %}
{% if held %}<h2>Held without a trade</h2>
<div class="scroll">{{ lines_table(held) }}</div>{% endif %}

<h2>Checks and findings</h2>
{% if f.findings %}<table><thead><tr><th>Gravity</th><th>About</th><th>Finding</th><th>Note</th>\
</tr></thead><tbody>
{% for finding, note in f.findings %}
<tr><td>{{ finding.severity | severity }}</td><td>{{ finding.subject }}</td>
<td>{{ finding.message }}</td><td>{{ note }}</td></tr>
{% endfor %}
</tbody></table>
{% else %}<p>No finding.</p>{% endif %}
{% if passed %}<p class="dim">Passed: {{ passed | join("; ") }}.</p>{% endif %}
{% for check in open %}<p class="dim">{{ check.outcome | capitalize }}: {{ check.rule }}\
{% if check.why %} ({{ check.why }}){% endif %}.</p>{% endfor %}

<h2>Record</h2>
<table class="facts">
<tr><th>Plan id</th><td class="id">{{ f.plan_id }}</td></tr>
{% if f.recorded %}
<tr><th>Commit</th><td class="id">{{ f.recorded.commit_id }}</td></tr>
<tr><th>SHA-256 of its manifest</th><td class="id">{{ f.recorded.manifest_sha256 }}</td></tr>
<tr><th>Made on</th><td class="id">{{ f.recorded.parent or "the first of this history" }}\
{% if f.recorded.parent %}<br>{{ f.recorded.parent_sha256 }}{% endif %}</td></tr>
<tr><th>Approved by</th><td>{{ f.recorded.approver }}, {{ f.recorded.time | moment }}</td></tr>
{% if f.recorded.note %}<tr><th>Note</th><td>{{ f.recorded.note }}</td></tr>{% endif %}
{% else %}
<tr><th>Commit</th><td>None: nobody has confirmed this plan.</td></tr>
{% endif %}
<tr><th>Data, software</th><td class="id">{{ f.data_fingerprint }}<br>{{ f.code_version }}</td></tr>
</table>

<table class="sign">
<tr>{% for who in ("Portfolio manager", "Risk officer") %}<td>{{ who }}, name and signature</td>\
<td>Date</td>{% endfor %}</tr>
</table>
</body>
</html>
"""
