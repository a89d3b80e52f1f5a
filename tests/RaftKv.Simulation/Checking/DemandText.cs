using System.Runtime.CompilerServices;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// The text of a demand: formatted only when the demand fails, so that checks after every event cost no strings.
/// </summary>
[InterpolatedStringHandler]
internal ref struct DemandText
{
    private DefaultInterpolatedStringHandler _text;
    private readonly bool _isNeeded;

    public DemandText(int literalLength, int formattedCount, bool condition, out bool isNeeded)
    {
        _isNeeded = isNeeded = !condition;
        _text = isNeeded ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
    }

    public void AppendLiteral(string literal) => _text.AppendLiteral(literal);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string format) => _text.AppendFormatted(value, format);

    public override string ToString() => _isNeeded ? _text.ToStringAndClear() : "";
}
