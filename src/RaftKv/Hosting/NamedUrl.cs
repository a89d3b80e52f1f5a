namespace RaftKv.Hosting;

/// <summary>A node's name and an address of it: an entry of the cluster list, or a route.</summary>
internal sealed record NamedUrl(string Name, ServerUrl Url);
