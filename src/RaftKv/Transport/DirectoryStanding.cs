using RaftKv.Core.Identity;
using RaftKv.Storage;

namespace RaftKv.Transport;

/// <summary>What this node says of its data directory, and what it knows of others'.</summary>
/// <param name="Word">Its founding.</param>
/// <param name="Life">Its present start.</param>
/// <param name="Lives">The newest start of each peer.</param>
internal sealed record DirectoryStanding(FoundingWord Word, Life Life, PeerLives Lives);
