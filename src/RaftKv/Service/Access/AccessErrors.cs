using RaftKv.Core.Store.Commands;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Access;

/// <summary>Refusals for who calls and what he may do. They name the right that is missing, and no key.</summary>
internal static class AccessErrors
{
    /// <summary>Nothing proves who calls.</summary>
    public static ApiError Unauthenticated() => new(
        ErrorCode.Unauthenticated,
        "Say who you are: Authorization with Basic and a user's name and password, or Bearer and a token of POST /api/v1/auth/login.");

    /// <summary>What was shown proves nothing: it is made up, over, or void since the password or the user changed.</summary>
    public static ApiError BadToken() => new(
        ErrorCode.Unauthenticated, "The token is not valid, or not any more. Log in again.")
    { IsBadToken = true };

    /// <summary>A token can't be judged now.</summary>
    public static ApiError NoIssuer() => new(
        ErrorCode.NotReady, "The token can't be checked right now, since its issuer's keys can't be had. Nothing was done; try again.")
    { RetryAfterSeconds = 10 };

    /// <summary>Name or password are wrong; which of them is not told.</summary>
    public static ApiError BadPassword() => new(
        ErrorCode.Unauthenticated, "The user's name or the password is wrong.")
    { IsBadPassword = true };

    /// <summary>Too many passwords are being checked, or were wrong.</summary>
    public static ApiError TooManyPasswords(long seconds) => new(
        ErrorCode.Overloaded, "Too many passwords are being checked, or were wrong lately. Nothing was done; try again later.")
    { RetryAfterSeconds = seconds };

    /// <summary>Only root may.</summary>
    public static ApiError NeedsRoot() => Denied(KeyRights.None, OperationRights.None);

    /// <summary>A right is missing.</summary>
    public static ApiError Denied(KeyRights rights, OperationRights operation) =>
        new(ErrorCode.AccessDenied, AccessRefusals.SentenceOf(rights, operation));
}
