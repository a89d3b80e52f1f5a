using Google.Protobuf;
using RaftKv.Migration.Etcd;

namespace RaftKv.Migration.Import;

/// <summary>What an import is to do.</summary>
/// <param name="Source">The etcd that lives.</param>
/// <param name="Target">The RaftKv that takes over.</param>
public sealed record ImportOrder(EtcdAccess Source, EtcdAccess Target)
{
    /// <summary>The key of the target that the progress stands in, unless said otherwise.</summary>
    public const string DefaultProgressKey = "raftkv-import/progress";

    /// <summary>What the keys begin with that are imported; none for all.</summary>
    public IReadOnlyList<byte[]> Prefixes { get; init; } = [];

    /// <summary>The key of the target that the progress stands in; no key of the import.</summary>
    public string ProgressKey { get; init; } = DefaultProgressKey;

    /// <summary>Goes on with what is written meanwhile, until it is told to cut over.</summary>
    public bool Follows { get; init; }

    /// <summary>Cuts over by itself, once everything is applied and the source is quiet.</summary>
    public bool CutsOver { get; init; }

    /// <summary>Cuts over once this revision of the source is applied; null for not so.</summary>
    public long? UntilRevision { get; init; }

    /// <summary>Begins although the target has keys there: those that the source lacks are deleted.</summary>
    public bool Replaces { get; init; }

    /// <summary>Most keys of a page.</summary>
    public int PageKeys { get; init; } = 256;

    /// <summary>How often a line says how far it is.</summary>
    public TimeSpan ReportEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long nobody may answer.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the source must be quiet before a cut-over.</summary>
    public TimeSpan QuietFor { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a cut-over waits for that.</summary>
    public TimeSpan QuietWithin { get; init; } = TimeSpan.FromSeconds(60);

    internal ByteString ProgressKeyBytes => ByteString.CopyFromUtf8(ProgressKey);
}
