namespace RaftKv.Contract.Bodies;

/// <summary>What names a key.</summary>
public interface INamed
{
    string Key { get; }

    string? KeyEncoding { get; }
}

/// <summary>What tells a version of a key.</summary>
public interface IVersioned
{
    string? Value { get; }

    string? Encoding { get; }

    long CreateRevision { get; }

    long ModRevision { get; }

    long Version { get; }

    string? Lease { get; }
}

/// <summary>What names keys: one, a prefix, or start and end.</summary>
public interface IKeyRange
{
    string? Key { get; }

    string? Prefix { get; }

    string? Start { get; }

    string? End { get; }

    string? KeyEncoding { get; }
}
