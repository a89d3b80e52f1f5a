namespace RaftKv.Dashboard.Hosting;

/// <summary>How a host opens the dashboard.</summary>
/// <param name="NodeUrl">The node that the page belongs to, as the server itself reaches it.</param>
/// <param name="Lifetime">The host's life: open pages are told when it ends.</param>
/// <param name="Environment">The host's environment.</param>
public sealed record DashboardSettings(Uri NodeUrl, IHostApplicationLifetime Lifetime, IWebHostEnvironment Environment)
{
    /// <summary>Where the page lives.</summary>
    public const string BasePath = "/dashboard";

    /// <summary>The cookie that holds a visitor's token once rights are in force; it goes to <see cref="BasePath"/> only.</summary>
    public const string CookieName = "raftkv-user";

    /// <summary>Pages that may be open at once on this node; one more is refused with 503.</summary>
    public int MaxOpenPages { get; init; } = 32;

    /// <summary>Sets the handler up that calls nodes, for TLS; null for the runtime's own ways.</summary>
    public Action<SocketsHttpHandler>? Configure { get; init; }

    /// <summary>Where the lab of <c>raftkv dev --lab</c> listens, for the lessons; null where there is none.</summary>
    public Uri? LabUrl { get; init; }

    /// <summary>True when pages offer nothing that changes the cluster. A convenience, not a protection: the API stays as it is.</summary>
    public bool IsReadOnly { get; init; }
}
