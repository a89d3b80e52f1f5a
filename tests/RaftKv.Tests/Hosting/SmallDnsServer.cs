using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RaftKv.Tests.Hosting;

/// <summary>A DNS server for one zone, over UDP on the loopback: SRV records of one service, and A records of the loopback.</summary>
internal sealed class SmallDnsServer : IAsyncDisposable
{
    private const int HeaderBytes = 12;
    private const ushort TypeA = 1;
    private const ushort TypeService = 33;
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _serving;
    private volatile int[] _ports = [];
    private int _questionCount;

    public SmallDnsServer() => _serving = ServeAsync();

    public string Address => _socket.Client.LocalEndPoint!.ToString()!;

    /// <summary>Ports that the service is said to be at; none: the name does not exist.</summary>
    public void Say(params int[] ports) => _ports = ports;

    public int QuestionCount => Volatile.Read(ref _questionCount);

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _serving;
        _socket.Dispose();
        _stopped.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                UdpReceiveResult question = await _socket.ReceiveAsync(_stopped.Token);
                Interlocked.Increment(ref _questionCount);
                await _socket.SendAsync(AnswerTo(question.Buffer), question.RemoteEndPoint, _stopped.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private byte[] AnswerTo(byte[] question)
    {
        int at = HeaderBytes;
        while (question[at] != 0)
        {
            at += question[at] + 1;
        }

        ushort type = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(at + 1));
        byte[] name = question[HeaderBytes..(at + 1)];
        int[] ports = _ports;
        List<byte[]> records = type switch
        {
            TypeService => [.. ports.Select(port => Record(name, TypeService, ServiceOf(port)))],
            TypeA when ports.Length > 0 => [Record(name, TypeA, [127, 0, 0, 1])],
            _ => [],
        };
        var answer = new List<byte>();
        answer.AddRange(question[..2]);
        answer.AddRange(Word((ushort)(ports.Length == 0 ? 0x8583 : 0x8580)));
        answer.AddRange(Word(1));
        answer.AddRange(Word((ushort)records.Count));
        answer.AddRange(Word(0));
        answer.AddRange(Word(0));
        answer.AddRange(question[HeaderBytes..(at + 5)]);
        answer.AddRange(records.SelectMany(static record => record));
        return [.. answer];
    }

    private static byte[] ServiceOf(int port)
    {
        IEnumerable<byte> host = $"n{port}.raftkv.test".Split('.').SelectMany(
            static label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]);
        return [.. Word(0), .. Word(0), .. Word((ushort)port), .. host, 0];
    }

    private static byte[] Record(byte[] name, ushort type, byte[] data) =>
        [.. name, .. Word(type), .. Word(1), 0, 0, 0, 1, .. Word((ushort)data.Length), .. data];

    private static byte[] Word(ushort value) => [(byte)(value >> 8), (byte)value];
}
