using RaftKv.Bolt;
using RaftKv.Core;

namespace RaftKv.Doors.Etcd.Maintenance.Bolt;

/// <summary>
/// A bucket's B+tree, written from its leaves up in one go. The pairs are walked twice: once to see how they fall into
/// pages, since a snapshot's length comes before its bytes, and once to write them. Kept in between is a first key and
/// a number for each page, never the pairs.
/// </summary>
internal sealed class BoltTree
{
    // A branch is full long before its 16-bit count; keys are at most 18 bytes, so that many always fit.
    private const int MaxChildren = 110;

    private readonly IEnumerable<BoltItem> _items;
    private readonly List<List<Node>> _levels = [];

    /// <param name="items">Ascending by key; walking them twice gives the same.</param>
    /// <param name="firstPage">Number of its first page.</param>
    public BoltTree(IEnumerable<BoltItem> items, long firstPage)
    {
        _items = items;
        NextPage = firstPage;
        _levels.Add(PlanLeaves());
        while (_levels[^1].Count > 1)
        {
            _levels.Add(PlanBranches(_levels[^1]));
        }
    }

    /// <summary>Number of the page after its last.</summary>
    public long NextPage { get; private set; }

    /// <summary>The bucket's entry.</summary>
    public byte[] Entry => _levels[0].Count == 0 ? BoltLeaf.Inline() : BoltFormat.BucketAt(_levels[^1][0].Page);

    /// <summary>The pages in the order of their numbers.</summary>
    public IEnumerable<byte[]> Pages()
    {
        foreach (byte[] leaf in LeafPages())
        {
            yield return leaf;
        }

        for (int level = 1; level < _levels.Count; level++)
        {
            int child = 0;
            foreach (Node branch in _levels[level])
            {
                yield return BranchPage(branch, _levels[level - 1], child);
                child += branch.Count;
            }
        }
    }

    private List<Node> PlanLeaves()
    {
        List<Node> leaves = [];
        byte[]? first = null;
        int count = 0;
        int bytes = BoltFormat.PageHeaderBytes;
        foreach (BoltItem item in _items)
        {
            int more = BoltLeaf.BytesOf(item);
            if (count > 0 && bytes + more > BoltFormat.PageBytes)
            {
                leaves.Add(Take(first!, count, bytes));
                (count, bytes) = (0, BoltFormat.PageHeaderBytes);
            }

            first = count == 0 ? item.Key : first;
            count++;
            bytes += more;
        }

        if (count > 0)
        {
            leaves.Add(Take(first!, count, bytes));
        }

        return leaves;
    }

    // Children are spread evenly, so that no branch has a single one.
    private List<Node> PlanBranches(List<Node> children)
    {
        int branchCount = (children.Count + MaxChildren - 1) / MaxChildren;
        List<Node> branches = [];
        int from = 0;
        for (int i = 0; i < branchCount; i++)
        {
            int end = (int)((long)children.Count * (i + 1) / branchCount);
            branches.Add(Take(children[from].FirstKey, end - from, BoltFormat.PageBytes));
            from = end;
        }

        return branches;
    }

    private Node Take(byte[] firstKey, int count, int bytes)
    {
        var node = new Node(firstKey, NextPage, count);
        NextPage += BoltFormat.PagesFor(bytes);
        return node;
    }

    private IEnumerable<byte[]> LeafPages()
    {
        List<BoltItem> items = [];
        int leaf = 0;
        foreach (BoltItem item in _items)
        {
            items.Add(item);
            if (items.Count == _levels[0][leaf].Count)
            {
                yield return BoltLeaf.Page(_levels[0][leaf].Page, items);
                items.Clear();
                leaf++;
            }
        }

        Check.That(leaf == _levels[0].Count && items.Count == 0, "both walks see the same pairs", leaf, _levels[0].Count);
    }

    private static byte[] BranchPage(Node branch, List<Node> children, int from)
    {
        byte[] page = new byte[BoltFormat.PageBytes];
        BoltFormat.WritePageHeader(page, branch.Page, BoltFormat.BranchPage, branch.Count, pages: 1);
        int at = BoltFormat.PageHeaderBytes + (branch.Count * BoltFormat.ElementBytes);
        for (int i = 0; i < branch.Count; i++)
        {
            Node child = children[from + i];
            int element = BoltFormat.PageHeaderBytes + (i * BoltFormat.ElementBytes);
            BoltFormat.WriteBranchElement(page.AsSpan(element), at - element, child.FirstKey.Length, child.Page);
            child.FirstKey.CopyTo(page, at);
            at += child.FirstKey.Length;
        }

        return page;
    }

    // Count: pairs of a leaf, children of a branch.
    private readonly record struct Node(byte[] FirstKey, long Page, int Count);
}
