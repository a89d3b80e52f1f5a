using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Simulation.Checking;

/// <remarks>
/// S1: who may do what, in the plainest way. All that a command needs is listed, and each need is looked for in the grants
/// one by one. Names of locks are never granted alone here: who has all rights over everything may lock.
/// </remarks>
internal sealed partial class NaiveStore
{
    private readonly SortedDictionary<string, List<string>> _rolesOf = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<(KeyRange Keys, KeyRights Rights)>> _grantsOf = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, OperationRights> _operationsOf = new(StringComparer.Ordinal);

    /// <summary>Commands that were refused for a right, by the model.</summary>
    public int DeniedCount { get; private set; }

    /// <summary>Rights are in force.</summary>
    public bool AsksForRights { get; private set; }

    private bool IsDenied(KvCommand command)
    {
        string who = Text(command.Principal);
        bool isTheClusters = command is SetClusterKeyCommand or SetClusterVersionCommand or CompactSliceCommand or ExpireLeaseCommand
            or AdvanceTimeCommand or ReportBudgetCommand or SetOnceLimitsCommand || who == "\0";
        if (!AsksForRights || isTheClusters || Roles(who).Contains("root"))
        {
            return false;
        }

        bool isUser = _rolesOf.ContainsKey(who);
        return command switch
        {
            ChangeAccessCommand => true,
            OpenSessionCommand or CloseSessionCommand => !isUser || LacksFences(who, command),
            _ => LacksFences(who, command) || !NeedsOf(command).TrueForAll(need => Has(who, need.Right, need.Keys))
                || !OperationsOf(command).All(one => HasOperation(who, one)),
        };
    }

    private bool LacksFences(string who, KvCommand command) =>
        command.Fences.Any(fence => !Has(who, KeyRights.Read, KeyRange.Prefix(LockKeys.QueuePrefix(fence.Kind, fence.Name.Span))));

    private static IEnumerable<OperationRights> OperationsOf(KvCommand command) => command switch
    {
        CompactCommand => [OperationRights.Compact],
        GrantLeaseCommand or RevokeLeaseCommand => [OperationRights.Lease],
        SetGuardCommand or RemoveGuardCommand or SetQuotaCommand or RemoveQuotaCommand or SetStoreQuotaCommand => [OperationRights.Limits],
        RaiseAlarmCommand or ClearAlarmCommand => [OperationRights.Alarms],
        _ => [],
    };

    private List<(KeyRights Right, KeyRange Keys)> NeedsOf(KvCommand command)
    {
        List<(KeyRights Right, KeyRange Keys)> needs = [];
        if (command is MutateCommand mutate)
        {
            if (mutate.Guard is { } guard)
            {
                needs.Add((KeyRights.Read, guard.Keys));
            }

            List(mutate.Op, needs);
        }
        else if (command is RevokeLeaseCommand revoke)
        {
            ListLease(revoke.Id.Value, needs);
        }

        return needs;
    }

    private void List(KvOp op, List<(KeyRights Right, KeyRange Keys)> needs)
    {
        switch (op)
        {
            case PutOp put:
                needs.Add((KeyRights.Write, KeyRange.Single(put.Key)));
                needs.AddRange(put.WantsPrevious ? [(KeyRights.Read, KeyRange.Single(put.Key))] : []);
                ListLease(put.KeepsLease ? 0 : put.Lease.Value, needs);
                break;
            case IncrementOp add:
                needs.Add((KeyRights.Write, KeyRange.Single(add.Key)));
                needs.Add((KeyRights.Read, KeyRange.Single(add.Key)));
                break;
            case DeleteRangeOp delete:
                needs.Add((KeyRights.Write, delete.Keys));
                needs.AddRange(delete.WantsPrevious ? [(KeyRights.Read, delete.Keys)] : []);
                break;
            case RangeOp range:
                needs.Add((KeyRights.Read, range.Request.Keys));
                break;
            case AcquireOp acquire:
                KeyRange queue = KeyRange.Prefix(LockKeys.QueuePrefix(acquire.Kind, acquire.Name.Span));
                needs.Add((KeyRights.Write, queue));
                needs.Add((KeyRights.Read, queue));
                ListLease(acquire.TtlMs == 0 ? acquire.Lease.Value : 0, needs);
                break;
            case TxnOp txn:
                needs.AddRange(txn.Compares.Select(static compare => (KeyRights.Read, compare.Keys)));
                foreach (KvOp inner in txn.Then.Concat(txn.Else))
                {
                    List(inner, needs);
                }

                break;
        }
    }

    private void ListLease(long lease, List<(KeyRights Right, KeyRange Keys)> needs) => needs.AddRange(
        _live.Values.Where(version => lease != 0 && version.Lease == lease)
            .Select(static version => (KeyRights.Write, KeyRange.Single(System.Text.Encoding.Latin1.GetBytes(version.Key)))));

    private List<string> Roles(string who) => _rolesOf.TryGetValue(who, out List<string>? roles) ? roles
        : who.Length == 0 ? ["system:anonymous"]
        : [];

    // One grant has to hold the whole range: the clients of the simulator grant nothing else.
    private bool Has(string who, KeyRights right, KeyRange keys) => Roles(who)
        .SelectMany(role => _grantsOf.TryGetValue(role, out var grants) ? grants : [])
        .Any(grant => grant.Rights.HasFlag(right) && (grant.Keys.Kind == KeyRangeKind.From || IsWithin(keys, grant.Keys)));

    private bool HasOperation(string who, OperationRights operation) => Roles(who).Any(role =>
        (_operationsOf.TryGetValue(role, out OperationRights known) && known.HasFlag(operation))
        || (operation == OperationRights.Lease && _grantsOf.TryGetValue(role, out var grants)
            && grants.Exists(static grant => (grant.Rights & (KeyRights.Write | KeyRights.Lock)) != 0)));

    private static bool IsWithin(KeyRange inner, KeyRange outer) => outer.Contains(inner.Start.Span) && inner.Kind switch
    {
        KeyRangeKind.Single => true,
        KeyRangeKind.Between => outer.Kind == KeyRangeKind.Between && inner.End.Span.SequenceCompareTo(outer.End.Span) <= 0,
        _ => false,
    };

    private CommandStatus Change(AccessChange change)
    {
        switch (change)
        {
            case EnableAccess when !_rolesOf.ContainsKey("root"):
                return CommandStatus.RootUserMissing;
            case EnableAccess when !_rolesOf["root"].Contains("root"):
                return CommandStatus.RootRoleMissing;
            case EnableAccess or DisableAccess:
                AsksForRights = change is EnableAccess;
                return CommandStatus.Ok;
            case AddUser add:
                return _rolesOf.TryAdd(Text(add.Name), []) ? CommandStatus.Ok : CommandStatus.UserExists;
            case AddRole add:
                return _grantsOf.TryAdd(Text(add.Name), []) ? CommandStatus.Ok : CommandStatus.RoleExists;
            case GrantRole grant:
                return GrantRole(Text(grant.User), Text(grant.Role));
            case RevokeRole revoke:
                return !_rolesOf.TryGetValue(Text(revoke.User), out List<string>? roles) ? CommandStatus.UserNotFound
                    : roles.Remove(Text(revoke.Role)) ? CommandStatus.Ok
                    : CommandStatus.RoleNotGranted;
            case GrantKeys grant when _grantsOf.TryGetValue(Text(grant.Role), out var grants):
                grants.RemoveAll(known => IsSame(known.Keys, grant.Keys));
                grants.Add((grant.Keys, grant.Rights));
                return CommandStatus.Ok;
            case RevokeKeys revoke when _grantsOf.TryGetValue(Text(revoke.Role), out var grants):
                bool wasThere = grants.RemoveAll(known => IsSame(known.Keys, revoke.Keys)) > 0;
                return wasThere ? CommandStatus.Ok : CommandStatus.PermissionNotGranted;
            case SetOperations set when _grantsOf.ContainsKey(Text(set.Role)):
                _operationsOf[Text(set.Role)] = set.Operations;
                return CommandStatus.Ok;
            default:
                return CommandStatus.RoleNotFound;
        }
    }

    private CommandStatus GrantRole(string user, string role)
    {
        if (!_rolesOf.TryGetValue(user, out List<string>? roles))
        {
            return CommandStatus.UserNotFound;
        }

        if (role != "root" && !_grantsOf.ContainsKey(role))
        {
            return CommandStatus.RoleNotFound;
        }

        if (!roles.Contains(role))
        {
            roles.Add(role);
        }

        return CommandStatus.Ok;
    }

    private static bool IsSame(KeyRange a, KeyRange b) =>
        a.Kind == b.Kind && a.Start.Span.SequenceEqual(b.Start.Span) && a.End.Span.SequenceEqual(b.End.Span);
}
