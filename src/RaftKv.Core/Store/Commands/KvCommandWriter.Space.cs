namespace RaftKv.Core.Store.Commands;

/// <remarks>Commands about room: quotas, budgets and alarms.</remarks>
internal ref partial struct KvCommandWriter
{
    private void WriteSpace(KvCommand command)
    {
        switch (command)
        {
            case SetQuotaCommand set:
                WriteQuotaPrefix(set.Prefix.Span);
                bool hasLimit = set.Terms is not { MaxKeys: KvLimits.NoQuota, MaxBytes: KvLimits.NoQuota };
                WriteInt64In(set.Terms.MaxKeys, 0, hasLimit ? KvLimits.NoQuota : 0, "most keys of a quota");
                WriteInt64In(set.Terms.MaxBytes, 0, KvLimits.NoQuota, "most bytes of a quota");
                break;
            case RemoveQuotaCommand remove:
                WriteQuotaPrefix(remove.Prefix.Span);
                break;
            case SetStoreQuotaCommand set:
                WriteInt64In(set.Bytes, 1, KvLimits.NoQuota, "quota of the store");
                WriteByte(set.IsSeed ? (byte)1 : (byte)0);
                break;
            case ReportBudgetCommand report:
                WriteInt64((long)report.Node.Value);
                WriteInt64In(report.StoreBytes, 0, long.MaxValue, "budget of a member");
                break;
            case RaiseAlarmCommand raise:
                WriteAlarm(raise.Kind, raise.Node);
                WriteEnum((byte)raise.Cause, (byte)AlarmCause.Hand, "cause of an alarm");
                break;
            case ClearAlarmCommand clear:
                WriteAlarm(clear.Kind, clear.Node);
                WriteByte(clear.OnlyCause is { } cause ? (byte)(cause + 1) : (byte)0);
                break;
            default:
                Check.Unreachable<int>(command);
                break;
        }
    }

    private void WriteQuotaPrefix(ReadOnlySpan<byte> prefix)
    {
        if (prefix.Length is < 1 or > KvLimits.MaxQuotaPrefixBytes)
        {
            throw new ArgumentException(
                $"A prefix with a quota has {prefix.Length} bytes; it must have 1 to {KvLimits.MaxQuotaPrefixBytes}.");
        }

        WriteUInt16((ushort)prefix.Length);
        WriteBytes(prefix);
    }

    private void WriteAlarm(AlarmKind kind, NodeId node)
    {
        if (kind == 0)
        {
            throw new ArgumentException("An alarm has a kind.");
        }

        WriteEnum((byte)kind, (byte)AlarmKind.Corrupt, "kind of alarm");
        WriteInt64((long)node.Value);
    }
}
