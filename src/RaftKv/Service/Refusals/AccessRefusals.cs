using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Service.Refusals;

/// <summary>Errors of commands that the store refused because of users, roles and rights. Stateless.</summary>
internal static class AccessRefusals
{
    /// <summary>The right that is missing, in words, and no key.</summary>
    public static ApiError Of(AccessDeniedResult missing) => new(ErrorCode.AccessDenied, SentenceOf(missing.Rights, missing.Operations));

    /// <summary>The error of a refused change.</summary>
    public static ApiError Of(CommandStatus status) => status switch
    {
        CommandStatus.AccessDenied => new(ErrorCode.AccessDenied, "This user lacks a right that the request needs; nothing was applied."),
        CommandStatus.UserNotFound => new(ErrorCode.AccessNotFound, "There is no such user."),
        CommandStatus.UserExists => new(ErrorCode.AccessConflict, "There is a user of this name."),
        CommandStatus.RoleNotFound => new(ErrorCode.AccessNotFound, "There is no such role."),
        CommandStatus.RoleExists => new(ErrorCode.AccessConflict, "There is a role of this name."),
        CommandStatus.RoleNotGranted => new(ErrorCode.AccessNotFound, "The user does not have this role."),
        CommandStatus.PermissionNotGranted => new(ErrorCode.AccessNotFound, "The role has no right over exactly these keys."),
        CommandStatus.RootUserMissing => new(
            ErrorCode.AccessConflict, "There is no user root, so nobody could change rights any more. Make it, and give it the role root."),
        CommandStatus.RootRoleMissing => new(
            ErrorCode.AccessConflict, "The user root does not have the role root, so nobody could change rights any more."),
        CommandStatus.RootNeeded => new(
            ErrorCode.AccessConflict, "While rights are in force the user root and its role root stay."),
        CommandStatus.TokenNotFound => new(ErrorCode.AccessNotFound, "There is no such token."),
        _ => Check.Unreachable<ApiError>(status),
    };

    /// <summary>What is missing, as a sentence.</summary>
    public static string SentenceOf(KeyRights rights, OperationRights operations) =>
        rights != KeyRights.None ? $"This user lacks a right over keys of the request: {Words(rights)}. Nothing was applied."
        : operations != OperationRights.None ? $"This user lacks the right to an operation: {Words(operations)}. Nothing was applied."
        : "This needs a user with the role root. Nothing was applied.";

    private static string Words(Enum rights) => rights.ToString().ToLowerInvariant();
}
