using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Runs;

namespace RaftKv.JepsenStyle.Reports;

/// <summary>
/// One page, without any other file: a lane for each process, an operation as a box from its start to its end, faults as
/// bands, and what the checkers object to marked and listed.
/// </summary>
internal static partial class TimelinePage
{
    public static string Render(IReadOnlyList<HistoryLine> history, RunResult result)
    {
        // Problems name operations by their start; that is how the page finds the boxes to mark.
        var marked = result.Verdicts.SelectMany(v => v.Problems)
            .SelectMany(problem => Instant().Matches(problem).Select(m => long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)))
            .ToHashSet();
        var actions = history.OfType<ClientAction>().OrderBy(a => a.StartNs).ToList();
        object[] boxes = [.. actions.Select(a => new object[]
        {
            a.Process, a.StartNs / 1000, Math.Max(a.EndNs, a.StartNs) / 1000, (int)a.Outcome, marked.Contains(a.StartNs) || marked.Contains(a.EndNs) ? 1 : 0,
            $"{a.Function} {Text(a)}", a.Node, a.Error ?? "",
        })];
        object[] bands = [.. history.OfType<FaultEvent>().Select(f => new object[] { f.StartNs / 1000, f.EndNs / 1000, $"{f.Name} {f.Node} {f.Detail}" })];
        var problems = new StringBuilder();
        foreach (Verdict verdict in result.Verdicts)
        {
            problems.Append(CultureInfo.InvariantCulture, $"<li><b>{WebUtility.HtmlEncode(verdict.Checker)}</b>: {verdict.Validity}");
            foreach (string problem in verdict.Problems)
            {
                Match at = Instant().Match(problem);
                string jump = at.Success ? $" <a href=\"#\" onclick=\"jump({at.Groups[1].Value});return false\">show</a>" : "";
                problems.Append(CultureInfo.InvariantCulture, $"<br>{WebUtility.HtmlEncode(problem)}{jump}");
            }

            problems.Append("</li>\n");
        }

        return Page
            .Replace("@@TITLE@@", WebUtility.HtmlEncode(result.Reproduce), StringComparison.Ordinal)
            .Replace("@@VERDICT@@", result.Validity.ToString(), StringComparison.Ordinal)
            .Replace("@@PROBLEMS@@", problems.ToString(), StringComparison.Ordinal)
            .Replace("@@BOXES@@", Script(boxes), StringComparison.Ordinal)
            .Replace("@@BANDS@@", Script(bands), StringComparison.Ordinal);
    }

    /// <summary>JSON as it may stand in a script: no text can end the element.</summary>
    private static string Script(object[] rows) => JsonSerializer.Serialize(rows).Replace("<", "\\u003c", StringComparison.Ordinal);

    private static string Text(ClientAction action) => action switch
    {
        Operation o => $"{o.Key} value={o.Value} expected={o.Expected} result={o.Result} rev={o.Revision}",
        TxnOperation t => t.ToString(),
        BankOperation { From: not null } b => $"{b.From}→{b.To} {b.Amount} rev={b.Revision}",
        BankOperation b => $"{b.Level} [{string.Join(' ', b.Balances ?? [])}] rev={b.Revision}",
        LevelOperation o => $"{o.Level} {o.Key}={o.Value} rev={o.Revision} floors={o.ReadFloor}/{o.WriteFloor} stale={o.StalenessMs}",
        LeaseOperation o => $"lease {o.Number} ttl={o.TtlMs} keys={o.SeenKeys}",
        LockOperation o => $"{o.Name} {o.Owner} token={o.Token} rev={o.Revision} holders={string.Join(',', (o.Holders ?? []).Select(h => h.Token))}",
        QuotaOperation o => $"{o.Key} full={o.IsFull} there={o.IsThere} rev={o.Revision}",
        RestoreOperation o => $"{o.Name} {o.Number} {o.Level} token={o.Token} rev={o.Revision} session={o.SessionRevision}",
        ElectionOperation o => $"{o.Name} {o.Value} token={o.Token} rev={o.Revision}",
        _ => "",
    };

    [GeneratedRegex(@"(\d{4,}) ns")]
    private static partial Regex Instant();

    private const string Page = """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>RaftKv run: @@VERDICT@@</title>
        <style>
        body{font:14px sans-serif;margin:12px;color:#222}canvas{border:1px solid #bbb;display:block;cursor:grab}
        #tip{white-space:pre-wrap;font:12px monospace;min-height:5em;background:#f6f6f6;padding:6px;margin-top:6px}code{background:#eee}
        .k{display:inline-block;width:10px;height:10px;margin:0 4px 0 12px}
        </style>
        <h1>@@VERDICT@@</h1><p><code>@@TITLE@@</code></p><ul>@@PROBLEMS@@</ul>
        <p>Wheel zooms, dragging moves, a click shows an operation.
        <span class="k" style="background:#6db36d"></span>ok<span class="k" style="background:#e2b04a"></span>fail
        <span class="k" style="background:#d9837f"></span>unknown<span class="k" style="background:#6a1fb0"></span>objected to
        <span class="k" style="background:#f3c9c9"></span>fault</p>
        <canvas id="c"></canvas><div id="tip"></div>
        <script>
        const boxes=@@BOXES@@, bands=@@BANDS@@;
        const c=document.getElementById('c'), g=c.getContext('2d'), tip=document.getElementById('tip');
        const lanes=[...new Set(boxes.map(b=>b[0]))].sort((a,b)=>a-b), row=new Map(lanes.map((p,i)=>[p,i]));
        const end=boxes.reduce((m,b)=>Math.max(m,b[2]),1), colors=['#6db36d','#e2b04a','#d9837f'];
        let from=0, to=Math.min(end,3e6), pick=null, drag=null;
        const H=26, T=22; c.width=Math.max(600,innerWidth-30); c.height=T+lanes.length*H+6;
        const x=t=>60+(t-from)/(to-from)*(c.width-70), t=px=>from+(px-60)/(c.width-70)*(to-from);
        function draw(){
          g.clearRect(0,0,c.width,c.height); g.font='11px sans-serif';
          g.fillStyle='#f3c9c9'; for(const b of bands) if(b[1]>=from&&b[0]<=to){const a=x(b[0]);g.fillRect(a,T,Math.max(1,x(b[1])-a),c.height);
            g.fillStyle='#933';g.fillText(b[2].slice(0,60),Math.max(62,a),T-10);g.fillStyle='#f3c9c9';}
          g.fillStyle='#555'; for(let i=0;i<=8;i++){const s=from+(to-from)*i/8;g.fillText((s/1e6).toFixed(3)+' s',x(s),10);}
          for(const p of lanes){g.fillStyle='#555';g.fillText('p'+p,6,T+row.get(p)*H+15);}
          for(const b of boxes){ if(b[2]<from||b[1]>to) continue;
            const a=Math.max(60,x(b[1])), w=Math.max(1.5,x(b[2])-a), y=T+row.get(b[0])*H+3;
            g.fillStyle=b[4]?'#6a1fb0':colors[b[3]]; g.fillRect(a,y,w,H-6);
            if(b===pick){g.strokeStyle='#000';g.lineWidth=2;g.strokeRect(a,y,w,H-6);}
            if(w>60){g.fillStyle=b[4]?'#fff':'#111';g.fillText(b[5].slice(0,w/6),a+2,y+13);} } }
        function show(b){pick=b;tip.textContent=b?`process ${b[0]}  ${b[6]}  ${(b[1]/1e6).toFixed(6)} – ${(b[2]/1e6).toFixed(6)} s\n${b[5]}\n${b[7]}`:'';draw();}
        function jump(ns){const s=ns/1000; from=Math.max(0,s-2e5); to=s+2e5; show(boxes.find(b=>Math.abs(b[1]-s)<1)||boxes.find(b=>b[1]<=s&&b[2]>=s)||null); c.scrollIntoView();}
        c.onwheel=e=>{e.preventDefault();const m=t(e.offsetX),k=e.deltaY>0?1.3:1/1.3;from=Math.max(0,m-(m-from)*k);to=Math.min(end*1.02,m+(to-m)*k);draw();};
        c.onmousedown=e=>drag=[e.offsetX,from,to,false];
        c.onmousemove=e=>{if(!drag)return;const d=(drag[0]-e.offsetX)/(c.width-70)*(drag[2]-drag[1]);if(Math.abs(drag[0]-e.offsetX)>3)drag[3]=true;
          from=Math.max(0,drag[1]+d);to=from+(drag[2]-drag[1]);draw();};
        onmouseup=e=>{if(drag&&!drag[3]){const m=t(e.offsetX),r=Math.floor((e.offsetY-T)/H),slop=(to-from)/c.width*2;
          show(boxes.find(b=>row.get(b[0])===r&&b[1]-slop<=m&&b[2]+slop>=m)||null);}drag=null;};
        const bad=boxes.find(b=>b[4]); bad?jump(bad[1]*1000):draw();
        </script></html>
        """;
}
