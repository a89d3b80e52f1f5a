using RaftKv.Dashboard.Hosting;

namespace RaftKv.Dashboard.Components;

/// <summary>What all parts of one open page share.</summary>
internal sealed class PageState(DashboardSettings settings)
{
    /// <summary>Something changed.</summary>
    public event Action? Changed;

    /// <summary>Nothing that changes the cluster is offered.</summary>
    public bool IsReadOnly { get; private set; } = settings.IsReadOnly;

    /// <summary>The server decided; the page can't switch it off.</summary>
    public bool IsReadOnlyForced { get; } = settings.IsReadOnly;

    /// <summary>Switches read-only on or off.</summary>
    public void SetReadOnly(bool isReadOnly)
    {
        IsReadOnly = isReadOnly || IsReadOnlyForced;
        Changed?.Invoke();
    }
}
