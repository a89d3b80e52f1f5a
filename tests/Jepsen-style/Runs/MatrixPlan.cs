using System.Text.Json;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>Workloads, each under every one of the nemeses, on so many nodes.</summary>
internal sealed record PlanBlock(IReadOnlyList<string> Workloads, IReadOnlyList<string> Nemeses, int Nodes = 3);

/// <summary>How often something must have happened in the end, and the cell that is run until it has.</summary>
/// <param name="Count">A name of <see cref="FaultTally"/>.</param>
internal sealed record PlanTarget(string Count, int AtLeast, string Workload, string Nemesis, int Nodes = 3);

/// <summary>One run of a plan.</summary>
internal sealed record PlanCell(string Workload, string Nemesis, int Nodes, int Seconds, ulong Seed);

/// <summary>What a matrix runs, as a plan file (tests/Jepsen-style/plans) or the command line says it.</summary>
/// <param name="Seed">Of the first cell; each further one has the next.</param>
internal sealed record MatrixPlan(int Seconds, ulong Seed, IReadOnlyList<PlanBlock> Blocks, IReadOnlyList<PlanTarget>? Targets = null)
{
    /// <summary>The cells in order, always the same: a run that was interrupted finds its place again by the seeds.</summary>
    public IReadOnlyList<PlanCell> Cells =>
    [
        .. Blocks
            .SelectMany(block => block.Workloads.SelectMany(workload => block.Nemeses.Select(nemesis => (workload, nemesis, block.Nodes))))
            .Select((cell, i) => new PlanCell(cell.workload, cell.nemesis, cell.Nodes, Seconds, Seed + (ulong)i)),
    ];

    /// <summary>Reads a plan file; throws ArgumentException for a name that nobody has.</summary>
    public static MatrixPlan Read(string file)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { ReadCommentHandling = JsonCommentHandling.Skip };
        MatrixPlan plan = JsonSerializer.Deserialize<MatrixPlan>(File.ReadAllText(file), options)!;
        return plan.Checked();
    }

    /// <summary>The plan itself; throws ArgumentException for a name that nobody has.</summary>
    public MatrixPlan Checked()
    {
        foreach (PlanBlock block in Blocks.Concat((Targets ?? []).Select(target => new PlanBlock([target.Workload], [target.Nemesis]))))
        {
            foreach (string nemesis in block.Nemeses)
            {
                Catalogue.Require(block.Workloads, nemesis);
            }
        }

        return this;
    }
}
