using System.Globalization;

namespace RaftKv.Service.Shares;

/// <summary>What one caller, or all callers together under one prefix, may ask of a node.</summary>
/// <param name="PerSecond">Calls a second in the long run, and as many at once after a pause of a second; 0 for no bound.</param>
/// <param name="UnderWay">Calls at one time; 0 for no bound.</param>
internal readonly record struct ShareTerms(int PerSecond, int UnderWay)
{
    private const int Most = 1_000_000;

    /// <summary>Reads <c>RATE</c> or <c>RATE/UNDERWAY</c>, each from 0 to 1,000,000; false for any other text.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ShareTerms terms)
    {
        int slash = text.IndexOf('/');
        int underWay = 0;
        bool isRead = TryNumber(slash < 0 ? text : text[..slash], out int perSecond)
            && (slash < 0 || TryNumber(text[(slash + 1)..], out underWay));
        terms = isRead ? new ShareTerms(perSecond, underWay) : default;
        return isRead;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= Most;
}
