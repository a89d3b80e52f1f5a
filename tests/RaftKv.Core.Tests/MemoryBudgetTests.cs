using System.Globalization;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Once;
using RaftKv.Core.Tests.Architecture;

namespace RaftKv.Core.Tests;

/// <summary>The shares of memory (Q1): together never more than the budget, and the same as documented.</summary>
public sealed class MemoryBudgetTests
{
    [Theory]
    [InlineData(MemoryBudget.MinBytes)]
    [InlineData(200_000_000)]
    [InlineData(1L << 30)]
    [InlineData((5L << 30) + 7)]
    [InlineData(1L << 40)]
    [InlineData(MemoryBudget.MaxBytes)]
    public void All_shares_and_the_runtime_fit_into_the_budget(long bytes)
    {
        var budget = new MemoryBudget(bytes);

        Assert.All(budget.Shares, share => Assert.True(share.Bytes >= 512 * 1024, $"{share.Name} has {share.Bytes}"));
        Assert.True(budget.Shares.Sum(share => share.Bytes) + MemoryBudget.RuntimeBytes <= bytes);
        Assert.True(budget.SnapshotTriggerBytes + budget.TrailingLogBytes + budget.UncommittedBytes < budget.LogBytes);
        for (int peers = 1; peers < 9; peers++)
        {
            Assert.True(budget.PeerQueueBytes(peers) * peers <= budget.PeerQueuesBytes);
        }
    }

    [Theory]
    [InlineData(MemoryBudget.MinBytes)]
    [InlineData(1L << 30)]
    [InlineData((5L << 30) + 7)]
    [InlineData(1L << 40)]
    public void What_is_kept_for_repeats_fits_into_its_share(long bytes)
    {
        var budget = new MemoryBudget(bytes);
        OnceLimits limits = OnceLimits.Default.Within(budget.StoreBytes);

        Assert.Null(limits.WhatIsWrong());
        long whole = limits.SharedBytes + (limits.MaxOwners * limits.OwnerBytes) + limits.SessionTableBytes;
        Assert.InRange(whole, Math.Min(budget.KeptAnswerBytes, 64L << 20) * 99 / 100, budget.KeptAnswerBytes);
        Assert.True(limits.MaxSessions * SessionTable.SessionCost <= limits.SessionTableBytes);
    }

    [Fact]
    public void A_larger_budget_has_no_smaller_share()
    {
        var smaller = new MemoryBudget(MemoryBudget.MinBytes);
        for (long bytes = MemoryBudget.MinBytes * 2; bytes <= MemoryBudget.MaxBytes; bytes *= 2)
        {
            var larger = new MemoryBudget(bytes);
            Assert.All(larger.Shares.Zip(smaller.Shares), pair => Assert.True(pair.First.Bytes >= pair.Second.Bytes, pair.First.Name));
            smaller = larger;
        }
    }

    [Fact]
    public void A_budget_below_the_smallest_breaks_an_invariant() =>
        Assert.Throws<InvariantViolationException>(() => new MemoryBudget(MemoryBudget.MinBytes - 1));

    [Fact]
    public void The_documentation_has_the_same_table()
    {
        const long Bytes = (1L << 30) + MemoryBudget.RuntimeBytes;
        var documented = SourceTree.Read("docs/operations.md").Split('\n')
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 6 && cells[1].StartsWith('`') && int.TryParse(cells[2], out _))
            .Select(cells => (Name: cells[1].Trim('`'), PerMille: int.Parse(cells[2], CultureInfo.InvariantCulture), Most: cells[3]))
            .ToList();
        Assert.Equal(documented.Select(row => row.Name), new MemoryBudget(Bytes).Shares.Select(share => share.Name));
        foreach (long bytes in (long[])[Bytes, 1L << 40])
        {
            var budget = new MemoryBudget(bytes);
            foreach ((string name, int perMille, string most) in documented)
            {
                long part = (bytes - MemoryBudget.RuntimeBytes) / 1000 * perMille;
                long limit = most.Length == 0 ? long.MaxValue : long.Parse(most.Split(' ')[0], CultureInfo.InvariantCulture) << 20;
                Assert.Equal(Math.Min(part, limit), budget.Shares.Single(share => share.Name == name).Bytes);
            }
        }
    }
}
