using System.Globalization;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Running;

/// <summary>What is taken away from a seed after its draws: the rest of the world stays what it was.</summary>
internal sealed record Reduction
{
    /// <summary>Nothing is limited.</summary>
    public const int Unlimited = int.MaxValue;

    /// <summary>Names of fault classes that are switched off.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    public int Voters { get; init; } = Unlimited;

    public int Clients { get; init; } = Unlimited;

    public int Coordination { get; init; } = Unlimited;

    public int Watchers { get; init; } = Unlimited;

    public void ApplyTo(SwarmProfile profile)
    {
        foreach (FaultClass fault in SwarmProfile.FaultClasses)
        {
            if (Without.Contains(fault.Name))
            {
                fault.TurnOff(profile);
            }
        }

        profile.Limit(voters: Voters, clients: Clients, coordination: Coordination, watchers: Watchers);
    }

    /// <summary>The options that ask for it, each with a blank before it.</summary>
    public string ToText()
    {
        string without = Without.Count == 0 ? "" : " --without " + string.Join(',', Without);
        string others = Count("clients", Clients) + Count("coordination", Coordination) + Count("watchers", Watchers);
        return without + Count("voters", Voters) + others;
    }

    private static string Count(string option, int count) =>
        count == Unlimited ? "" : string.Create(CultureInfo.InvariantCulture, $" --{option} {count}");
}
