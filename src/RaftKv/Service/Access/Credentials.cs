namespace RaftKv.Service.Access;

/// <summary>What a call shows to say who makes it; a closed set.</summary>
internal abstract record Credentials
{
    private protected Credentials()
    {
    }

    /// <summary>Secrets are in it: it says no more than its kind.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <summary>A user's name and password.</summary>
internal sealed record PasswordCredentials(string User, string Password) : Credentials;

/// <summary>A token, of a login or one that can be revoked.</summary>
internal sealed record TokenCredentials(string Token) : Credentials;

/// <summary>A certificate that the connection has proven.</summary>
internal sealed record CertificateCredentials(string User) : Credentials;

/// <summary>Something that nobody can read as any of these.</summary>
internal sealed record UnreadableCredentials : Credentials;
