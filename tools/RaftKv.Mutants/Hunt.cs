using System.Collections.Concurrent;

namespace RaftKv.Mutants;

/// <summary>Takes sabotages one after the other into scratch copies and says what noticed each.</summary>
internal sealed class Hunt(HuntOptions options, string commit, ResultFile results)
{
    /// <summary>All results, in the order of the patches.</summary>
    public List<(MutantPatch Patch, MutantResult Result)> Run(
        IReadOnlyList<MutantPatch> patches, Action<MutantPatch, MutantResult> onResult)
    {
        var queue = new ConcurrentQueue<MutantPatch>(patches.Where(patch => Find(patch) is null));
        Thread[] threads = [.. Enumerable.Range(0, options.Jobs).Select(job => new Thread(() => Work(job, queue, onResult)))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        return [.. patches.Select(patch => (patch, Find(patch)!))];
    }

    private MutantResult? Find(MutantPatch patch) => results.Find(patch.Slug, patch.Hash, commit);

    private void Work(int job, ConcurrentQueue<MutantPatch> queue, Action<MutantPatch, MutantResult> onResult)
    {
        if (queue.IsEmpty)
        {
            return;
        }

        ScratchTree tree = ScratchTree.Renewed(options, job);
        while (queue.TryDequeue(out MutantPatch? patch))
        {
            MutantResult result = HuntOne(tree, patch);
            results.Add(result);
            onResult(patch, result);
        }
    }

    private MutantResult HuntOne(ScratchTree tree, MutantPatch patch)
    {
        if (!tree.TryApply(patch, out string problem))
        {
            return Result(patch, Verdict.Broken, problem);
        }

        try
        {
            return Seek(tree, patch);
        }
        finally
        {
            tree.Revert();
        }
    }

    private MutantResult Seek(ScratchTree tree, MutantPatch patch)
    {
        var seeds = new SeedOutput(null, "", 0);
        if (patch.Budget > 0)
        {
            if (!tree.TryBuild(ScratchTree.Simulation, patch, out string problem))
            {
                return Result(patch, Verdict.Broken, problem);
            }

            seeds = SeedOutput.Parse(tree.RunSeeds(patch.Budget, options.Seconds));
            if (seeds.FailedSeed is not null)
            {
                return Result(patch, Verdict.CaughtBySeed, seeds.SeenAs, seeds);
            }
        }

        if (patch.SeenBy is not { } test)
        {
            return Result(patch, Verdict.Survived, "", seeds);
        }

        if (!tree.TryBuild(test.Project, patch, out string testProblem))
        {
            return Result(patch, Verdict.Broken, testProblem, seeds);
        }

        bool isBlind = tree.RunTests(test.Project, test.Filter).IsOk;
        return Result(patch, isBlind ? Verdict.Survived : Verdict.CaughtByTest, test.Name, seeds);
    }

    private MutantResult Result(MutantPatch patch, Verdict verdict, string seenAs, SeedOutput? seeds = null) =>
        new(patch.Slug, commit, patch.Hash, verdict, seeds?.FailedSeed, seenAs, seeds?.CpuSeconds ?? 0);
}
