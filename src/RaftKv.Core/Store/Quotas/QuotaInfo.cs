using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Store.Quotas;

/// <summary>A prefix with a quota, and what it uses in the view that was asked.</summary>
public sealed record QuotaInfo(ReadOnlyMemory<byte> Prefix, QuotaTerms Terms, QuotaUse Use);
