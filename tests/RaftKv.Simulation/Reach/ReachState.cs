namespace RaftKv.Simulation.Reach;

/// <summary>
/// A rare state of the real system that a run can meet. The name is for ever: lists of names are kept in files.
/// </summary>
internal sealed class ReachState(string theme, string name, string meaning)
{
    public string Theme { get; } = theme;

    public string Name { get; } = name;

    public string Meaning { get; } = meaning;

    /// <summary>Where its count stands; given by <see cref="ReachCatalogue"/>.</summary>
    public int Place { get; set; }
}

/// <summary>States that belong together, in the order of their definition.</summary>
internal sealed class ReachTheme(string name)
{
    private readonly List<ReachState> _states = [];

    public IReadOnlyList<ReachState> States => _states;

    public ReachState Add(string stateName, string meaning)
    {
        var state = new ReachState(name, stateName, meaning);
        _states.Add(state);
        return state;
    }
}
