using System.Runtime.CompilerServices;

namespace RaftKv.Core.Store.Tree;

/// <summary>Room for bytes inside an object, in the sizes that versions come in.</summary>
internal static class VersionBlocks
{
    /// <summary>Between two sizes.</summary>
    public const int Step = 16;

    /// <summary>The largest.</summary>
    public const int MaxBytes = 256;

    [InlineArray(16)]
    internal struct Of16
    {
        private byte _first;
    }

    [InlineArray(32)]
    internal struct Of32
    {
        private byte _first;
    }

    [InlineArray(48)]
    internal struct Of48
    {
        private byte _first;
    }

    [InlineArray(64)]
    internal struct Of64
    {
        private byte _first;
    }

    [InlineArray(80)]
    internal struct Of80
    {
        private byte _first;
    }

    [InlineArray(96)]
    internal struct Of96
    {
        private byte _first;
    }

    [InlineArray(112)]
    internal struct Of112
    {
        private byte _first;
    }

    [InlineArray(128)]
    internal struct Of128
    {
        private byte _first;
    }

    [InlineArray(144)]
    internal struct Of144
    {
        private byte _first;
    }

    [InlineArray(160)]
    internal struct Of160
    {
        private byte _first;
    }

    [InlineArray(176)]
    internal struct Of176
    {
        private byte _first;
    }

    [InlineArray(192)]
    internal struct Of192
    {
        private byte _first;
    }

    [InlineArray(208)]
    internal struct Of208
    {
        private byte _first;
    }

    [InlineArray(224)]
    internal struct Of224
    {
        private byte _first;
    }

    [InlineArray(240)]
    internal struct Of240
    {
        private byte _first;
    }

    [InlineArray(256)]
    internal struct Of256
    {
        private byte _first;
    }
}
