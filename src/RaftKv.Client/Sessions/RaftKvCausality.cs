using RaftKv.Client.Sessions;
using RaftKv.Contract;

namespace RaftKv.Client;

/// <summary>
/// The causal context of the running flow: what it has read and written so far, carried by session tokens.
/// </summary>
/// <remarks>
/// While a context is open, every call of every <see cref="RaftKvClient"/> in the flow, and in all that it awaits or
/// starts, sends the context's tokens and adds those of its answers. <see cref="RaftKvTokenHandler"/> passes them to
/// other services, and <c>app.UseRaftKvCausality()</c> of RaftKv.Client.AspNetCore opens a context for each request: so
/// a service sees what its caller saw, without code in between. A read must ask for a level that looks at tokens
/// (<see cref="ReadLevel.Causal"/>, <see cref="ReadLevel.Session"/> …); linearizable reads see everything anyway.
/// <code>
/// using (RaftKvCausality.Begin(tokenFromAMessage))
/// {
///     KeyValueEntry? post = await client.GetAsync("posts/7", ReadLevel.Causal);
/// }
/// </code>
/// </remarks>
public static class RaftKvCausality
{
    /// <summary>The header that carries tokens between services and to nodes.</summary>
    public const string HeaderName = HeaderNames.Session;

    /// <summary>Tokens of more than this are not taken from another service: headers have limits.</summary>
    private const int MaxTokenChars = 4_096;

    private static readonly AsyncLocal<SessionTokens?> Ambient = new();

    /// <summary>True while the flow has a context.</summary>
    public static bool IsActive => Ambient.Value is not null;

    /// <summary>The tokens to hand over; null without a context, or when it has seen nothing.</summary>
    public static string? Token => Ambient.Value?.Current;

    internal static SessionTokens? Current => Ambient.Value;

    /// <summary>Opens a context for this flow; disposing gives back the one before.</summary>
    /// <param name="token">What somebody handed over, one or several with commas; null for nothing.</param>
    public static IDisposable Begin(string? token = null)
    {
        SessionTokens? outer = Ambient.Value;
        SessionTokens tokens = new();
        Ambient.Value = tokens;
        Accept(token);
        return new Scope(outer);
    }

    /// <summary>Adds what somebody handed over to the flow's context; nothing happens without one.</summary>
    /// <remarks>Text that no token can be (blanks, controls, more than 4,096 characters) is left out.</remarks>
    public static void Accept(string? token)
    {
        if (Ambient.Value is { } tokens && token is { Length: > 0 and <= MaxTokenChars } && token.All(static c => c is > ' ' and < '\x7F' || c == ' '))
        {
            tokens.HandOver(token);
        }
    }

    /// <summary>Reads the present context's tokens later, from any flow.</summary>
    /// <remarks>For code that must hand over the tokens after the flow has left, such as a server's answer headers.</remarks>
    public static Func<string?> CaptureToken()
    {
        SessionTokens? tokens = Ambient.Value;
        return () => tokens?.Current;
    }

    private sealed class Scope(SessionTokens? outer) : IDisposable
    {
        public void Dispose() => Ambient.Value = outer;
    }
}
