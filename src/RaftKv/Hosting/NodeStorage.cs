using System.Diagnostics;
using System.Globalization;
using RaftKv.Core;
using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Identity;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Diagnostics;
using RaftKv.Engine;
using RaftKv.Storage;
using RaftKv.Transport;

namespace RaftKv.Hosting;

/// <summary>
/// A node's data directory, locked and recovered; and with it who the node is, since that is settled at the first start
/// and kept there.
/// </summary>
internal sealed class NodeStorage : IDisposable
{
    private const string PidFileName = "raftkv.pid";

    private readonly DataDirectory _directory;
    private readonly MemberHints _hints;

    private NodeStorage(DataDirectory directory, ReplicaDisk disk, RecoveredState recovered)
    {
        _directory = directory;
        _hints = new MemberHints(directory);
        Disk = disk;
        Recovered = recovered;
        DirectoryIdentity who = directory.Identity;
        Cluster = [.. who.InitialCluster.Select(ParseMember)];
        Identity = new NodeIdentity(who.NodeName, who.NodeId, who.ClusterId);
        Roll = who.Roll ?? throw new InvariantViolationException("A founded directory has a roll.");
        Standing = new DirectoryStanding(WordOf(who), who.Life, PeerLives.Open(directory));
    }

    /// <summary>Who the node is.</summary>
    public NodeIdentity Identity { get; }

    /// <summary>The cluster list that it was founded with; empty for a cluster of one without a list.</summary>
    public IReadOnlyList<NamedUrl> Cluster { get; }

    /// <summary>The directories that it was founded by.</summary>
    public FoundingRoll Roll { get; }

    /// <summary>What it says of itself to its peers.</summary>
    public DirectoryStanding Standing { get; }

    /// <summary>Where another engine's library may make files that nobody ever reads.</summary>
    public string ScratchPath => Path.Combine(_directory.Path, "scratch");

    /// <summary>Log and snapshots; the node closes it.</summary>
    public ReplicaDisk Disk { get; }

    /// <summary>True when this start set a damaged directory aside.</summary>
    public bool IsHealed { get; private init; }

    /// <summary>What they held.</summary>
    public RecoveredState Recovered { get; }

    /// <summary>
    /// Locks the directory and finds out who it is. Throws <see cref="StartRefusedException"/> when it is in use or
    /// another node's, and <see cref="StorageFailedException"/> when the disk fails.
    /// </summary>
    public static DataDirectory OpenDirectory(NodeOptions options, ILogger logger)
    {
        string[] list = [.. options.Cluster.Select(static member => $"{member.Name}={member.Url}")];
        DirectoryIdentity asNew = DirectoryIdentity.New(options.Name, new NodeId(Identities.RandomId()), list) with
        {
            Engine = options.Engine,
            Expected = options.BootstrapExpect,
        };
        try
        {
            DataDirectory directory = DataDirectory.Open(options.EffectiveDataDirectory, asNew, Identities.RandomId());
            DirectoryIdentity found = directory.Identity;
            if (list.Length > 0 && !found.InitialCluster.Order(StringComparer.Ordinal).SequenceEqual(list.Order(StringComparer.Ordinal)))
            {
                Log.ListIgnored(logger, string.Join(',', list), found.ClusterId, string.Join(',', found.InitialCluster));
            }

            if (DataDirectory.IsOpenToOthers(directory.Path))
            {
                Log.DirectoryIsOpen(logger, directory.Path);
            }

            return directory;
        }
        catch (DataDirectoryException refusal)
        {
            throw new StartRefusedException(refusal.Message);
        }
    }

    /// <summary>
    /// Recovers what a founded directory holds. Throws <see cref="StorageCorruptException"/> and
    /// <see cref="StorageFailedException"/> when the disk is not as it should be; the directory is the caller's then.
    /// </summary>
    /// <param name="isHealed">What the directory held was damaged, and was set aside in this start.</param>
    public static NodeStorage Recover(NodeOptions options, DataDirectory directory, ILogger logger, bool isHealed = false)
    {
        long start = Stopwatch.GetTimestamp();
        DirectoryIdentity who = directory.Identity;
        Check.That(who.Stage == FoundingStage.Founded, "a log belongs to a cluster that is founded");
        Log.NodeStarting(logger, who.NodeName, who.ClusterId, who.NodeId, directory.Path);
        if (directory.Divergence is { } divergence)
        {
            throw new StorageCorruptException(directory.Path, 0, divergence);
        }

        try
        {
            var walOptions = new WalOptions
            {
                IsLogExpected = who.HasLog,
                Gates = options.Gates,
                SegmentBytes = options.Budget.SegmentBytes,
                TrailingBytes = options.Budget.TrailingLogBytes,
            };
            if (who is { Restored: not null, HasLog: false })
            {
                NamedUrl[] list = [.. who.InitialCluster.Select(ParseMember)];
                RestoredImage.Found(directory, walOptions, FoundingMembership.Of(who.Roll!, list, options.AdvertisedPeerUrl));
            }

            (ReplicaDisk disk, RecoveredState recovered) = ReplicaDisk.Open(
                new FileStorageDevice(directory.RaftPath), walOptions, who.ClusterId, who.NodeId);
            directory.MarkLogCreated();
            RestoredImage.Drop(directory);
            Log.Recovered(
                logger, recovered.Snapshot?.LastEntry.Index.Value ?? 0, recovered.Entries.Count,
                (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            return new NodeStorage(directory, disk, recovered) { IsHealed = isHealed };
        }
        catch (DataDirectoryException refusal)
        {
            throw new StartRefusedException(refusal.Message);
        }
    }

    /// <summary>Keeps where the members are, for a start at which the log can't say it. Any thread; does not wait.</summary>
    public void NoteMembers(Membership members) => _hints.Note(members);

    /// <summary>Makes sure that no later start goes on with this state.</summary>
    public void MarkDiverged(string sentence) => _directory.MarkDiverged(sentence);

    /// <summary>What a directory says of its founding.</summary>
    public static FoundingWord WordOf(DirectoryIdentity who) =>
        new(who.NodeName, who.NodeId, Identities.ListDigestOf(ListOf(who)), who.Stage, who.Roll);

    // Who begins with another state founds another cluster, and so do directories of two engines, though the list be the same.
    private static IEnumerable<string> ListOf(DirectoryIdentity who)
    {
        IEnumerable<string> plan = who.Expected > 0 ? [$"expected={who.Expected}"] : who.InitialCluster;
        IEnumerable<string> list = who.Restored is null ? plan : [.. plan, $"restored={who.Restored}"];
        return who.Engine == EngineNames.Native ? list : [.. list, $"engine={who.Engine}"];
    }

    /// <summary>Writes this process's id where people and scripts look for it.</summary>
    public void WritePidFile() =>
        File.WriteAllText(PidFilePath(), Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");

    /// <summary>Removes it again, at an orderly end.</summary>
    public void RemovePidFile() => File.Delete(PidFilePath());

    /// <summary>Lets another process have the directory; after the node has closed the disk.</summary>
    public void Dispose() => _directory.Dispose();

    private static NamedUrl ParseMember(string text)
    {
        int at = text.IndexOf('=', StringComparison.Ordinal);
        ServerUrl? url = at > 0 ? ServerUrl.Parse(text[(at + 1)..], DirectoryIdentity.FileName, out _) : null;
        return url is null
            ? throw new DataDirectoryException($"{DirectoryIdentity.FileName} has a cluster list with \"{text}\", which is no name=address.")
            : new NamedUrl(text[..at], url);
    }

    private string PidFilePath() => Path.Combine(_directory.Path, PidFileName);
}
